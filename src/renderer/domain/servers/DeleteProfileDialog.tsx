import { ConfirmDialog } from '@renderer/components/Dialog';
import { errorSentence } from '@renderer/components/ErrorBlock';
import { useRpcQuery, useRpcCommand } from '@renderer/queries/use-rpc';
import { modelName } from '@renderer/text/server-text';
import type { ServerProfile } from '@shared/domain/profile';
import type { Server } from '@shared/domain/server';
import { hasProcess } from '@shared/domain/server-state';
import { formatDisk } from '@shared/format/bytes';
import { formatCount } from '@shared/format/counts';

interface DeleteProfileDialogProps {
  readonly profile: ServerProfile;
  readonly server: Server;
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
}

/** Says what a deletion takes and what it leaves, then deletes. */
export function DeleteProfileDialog({
  profile,
  server,
  open,
  onOpenChange,
}: DeleteProfileDialogProps) {
  const remove = useRpcCommand('profiles.delete');
  const runs = useRpcQuery('logs.runs', { profileId: profile.id }, { enabled: open });
  const bytes = runs.data?.reduce((sum, run) => sum + run.bytes, 0) ?? 0;
  const logs = runs.data?.length
    ? ` and the logs of ${formatCount(runs.data.length, 'run')} (${formatDisk(bytes)})`
    : '';
  const running = hasProcess(server.state);
  return (
    <ConfirmDialog
      open={open}
      onOpenChange={onOpenChange}
      title={`Delete ${profile.name}?`}
      confirmLabel={running ? `Stop and delete ${profile.name}` : `Delete ${profile.name}`}
      busy={remove.isPending}
      problem={remove.error ? errorSentence(remove.error) : undefined}
      onConfirm={() =>
        remove.mutate(
          { profileId: profile.id, stop: running },
          { onSuccess: () => onOpenChange(false) },
        )
      }
    >
      <p>
        Its settings{logs} are removed for good. The model {modelName(profile.model)} stays on disk.
      </p>
      {running && <p className="mt-2">Its server is running and is stopped first.</p>}
    </ConfirmDialog>
  );
}
