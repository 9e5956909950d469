import { useState } from 'react';

import { Button } from '@renderer/components/Button';
import { ErrorBlock } from '@renderer/components/ErrorBlock';
import { HubFix } from '@renderer/domain/hub/HubFix';
import type { Download } from '@shared/domain/download';
import type { Failure } from '@shared/domain/failure';
import { formatDisk } from '@shared/format/bytes';
import { CancelDialog } from './CancelDialog';
import type { DownloadActions } from './use-download-actions';

interface DownloadFailureProps {
  readonly download: Download;
  readonly failure: Failure;
  readonly actions: DownloadActions;
  readonly className?: string;
}

/** Why a download ended before its time, what is lost (nothing), and the fix. */
export function DownloadFailure({ download, failure, actions, className }: DownloadFailureProps) {
  const [asking, setAsking] = useState(false);
  const { shortBytes } = failure;
  const isFull = failure.code === 'disk_full' && shortBytes !== undefined;
  const kept = `${formatDisk(download.bytes)} already downloaded`;
  return (
    <>
      <ErrorBlock
        {...(className === undefined ? {} : { className })}
        tone={isFull ? 'warning' : 'broken'}
        sentence={failure.message}
        detail={
          isFull
            ? `${kept}; nothing is lost. The download resumes automatically once ${formatDisk(shortBytes)} is free.`
            : download.bytes > 0 && `${kept}. It will resume from there.`
        }
        actions={
          <>
            <HubFix action={failure.action} onRetry={actions.resume} busy={actions.busy} />
            <Button
              writes
              onClick={() => (download.bytes > 0 ? setAsking(true) : actions.cancel())}
            >
              {download.bytes > 0 ? 'Cancel download…' : 'Cancel download'}
            </Button>
          </>
        }
      />
      <CancelDialog
        download={download}
        open={asking}
        onOpenChange={setAsking}
        onCancel={actions.cancel}
      />
    </>
  );
}
