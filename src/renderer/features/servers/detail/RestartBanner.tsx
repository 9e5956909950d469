import { Button } from '@renderer/components/Button';
import { useServerActions } from '@renderer/domain/servers/server-actions';
import type { Server } from '@shared/domain/server';

/** A server that runs with other settings than its profile has now, and the restart that mends it. */
export function RestartBanner({ server }: { readonly server: Server }) {
  const actions = useServerActions();
  if (!server.restartNeeded && !server.safeMode) return null;
  return (
    <div className="mb-4 flex items-center justify-between gap-3 rounded-group bg-warning-tint py-2 pr-2 pl-4">
      <span>
        {server.safeMode
          ? 'Running with less memory than the profile says, for this run only.'
          : "You've changed this profile. Restart the server to apply the changes."}
      </span>
      <Button writes onClick={() => void actions.restart(server.profileId)}>
        {server.safeMode ? 'Restart with profile settings' : 'Restart to apply'}
      </Button>
    </div>
  );
}
