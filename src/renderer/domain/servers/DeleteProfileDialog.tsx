import { useState } from 'react';

import { useClient } from '@renderer/api/api-context';
import { ConfirmDialog } from '@renderer/components/Dialog';
import { errorSentence } from '@renderer/components/ErrorBlock';
import { useToast } from '@renderer/components/Toast';
import { useRpcQuery } from '@renderer/queries/use-rpc';
import { navigate, routeHref } from '@renderer/routing/route';
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

/** Says what a deletion takes and what it leaves, then deletes; an undo follows. */
export function DeleteProfileDialog({
  profile,
  server,
  open,
  onOpenChange,
}: DeleteProfileDialogProps) {
  const client = useClient();
  const toast = useToast();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const profileId = profile.id;
  const runs = useRpcQuery('logs.runs', { profileId }, { enabled: open });
  const bytes = runs.data?.reduce((sum, run) => sum + run.bytes, 0) ?? 0;
  const logs = runs.data?.length
    ? `Its logs (${formatCount(runs.data.length, 'run')}, ${formatDisk(bytes)}) are deleted permanently. `
    : '';
  const running = hasProcess(server.state);
  const undo = async (): Promise<void> => {
    await client.call('profiles.undoDelete', { profileId });
    navigate(routeHref('servers', [profileId]));
  };
  const remove = async (): Promise<void> => {
    setBusy(true);
    setProblem(undefined);
    try {
      await client.call('profiles.delete', { profileId, stop: running });
      onOpenChange(false);
      // The manager keeps what it deleted as long as it runs.
      toast({ text: `Deleted ${profile.name}`, onUndo: undo, onHold: () => Promise.resolve() });
    } catch (error) {
      setProblem(errorSentence(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <ConfirmDialog
      open={open}
      onOpenChange={onOpenChange}
      title={`Delete ${profile.name}?`}
      confirmLabel={running ? `Stop and delete ${profile.name}` : `Delete ${profile.name}`}
      busy={busy}
      problem={problem}
      onConfirm={() => void remove()}
    >
      <p>
        You can undo this right afterward. {logs}The model {modelName(profile.model)} stays on disk.
      </p>
      {running && <p className="mt-2">The server will be stopped first.</p>}
    </ConfirmDialog>
  );
}
