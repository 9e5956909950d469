import type { Download } from '@shared/domain/download';
import { isUnderWay } from '@shared/domain/download-state';
import { Pause, Play, X } from 'lucide-react';
import { useState } from 'react';

import { Button, IconButton } from '../../components/Button';
import { Dialog } from '../../components/Dialog';
import { formatDisk } from '../../components/format';
import { ProgressBar } from '../../components/Meter';
import { useTell } from '../../queries/use-ask';
import { downloadLine } from './download-text';

/** How far a download is, with pause, resume and cancel: the same in every table. */
export function DownloadProgress({ download }: { readonly download: Download }) {
  const pause = useTell('downloads.pause');
  const resume = useTell('downloads.resume');
  const cancel = useTell('downloads.cancel');
  const [asking, setAsking] = useState(false);
  const { id: downloadId, ref, state, bytes, total } = download;
  const running = isUnderWay(state);
  return (
    <span className="flex min-w-0 items-center justify-end gap-1">
      <span className="min-w-0 flex-1">
        {total > 0 && <ProgressBar fraction={bytes / total} label={`Download of ${ref}`} />}
        <span
          className={state === 'failed' ? 'block text-broken-text' : 'block truncate text-text-2'}
          title={downloadLine(download)}
        >
          {downloadLine(download)}
        </span>
      </span>
      {running ? (
        <IconButton
          size="small"
          label={`Pause ${ref}`}
          onClick={() => pause.mutate({ downloadId })}
        >
          <Pause size={14} strokeWidth={1.5} />
        </IconButton>
      ) : (
        <IconButton
          size="small"
          label={`Resume ${ref}`}
          onClick={() => resume.mutate({ downloadId })}
        >
          <Play size={14} strokeWidth={1.5} />
        </IconButton>
      )}
      <IconButton
        size="small"
        label={`Cancel ${ref}`}
        onClick={() => (bytes > 0 ? setAsking(true) : cancel.mutate({ downloadId }))}
      >
        <X size={14} strokeWidth={1.5} />
      </IconButton>
      <Dialog
        open={asking}
        onOpenChange={setAsking}
        title={`Cancel the download of ${ref}?`}
        actions={
          <>
            <Button onClick={() => setAsking(false)}>Keep it</Button>
            <Button
              kind="danger"
              onClick={() => {
                setAsking(false);
                cancel.mutate({ downloadId });
              }}
            >
              Cancel download
            </Button>
          </>
        }
      >
        <p>{formatDisk(bytes)} that have come are removed.</p>
      </Dialog>
    </span>
  );
}
