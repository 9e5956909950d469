import { Pause, Play } from 'lucide-react';
import { useState } from 'react';

import { Button } from '@renderer/components/Button';
import { ProgressBar } from '@renderer/components/Meter';
import { useLive } from '@renderer/live/use-live';
import { downloadParts, downloadTone, queuePlace } from '@renderer/text/download-text';
import type { Download } from '@shared/domain/download';
import { isUnderWay } from '@shared/domain/download-state';
import { formatCount } from '@shared/format/counts';
import { CancelDialog } from './CancelDialog';
import { DownloadFailure } from './DownloadFailure';
import { DownloadNumbers } from './DownloadNumbers';
import { useDownloadActions } from './use-download-actions';

/** One download in full: how far, how fast, how long, over how many connections, and its buttons. */
export function DownloadBlock({ download }: { readonly download: Download }) {
  const actions = useDownloadActions(download);
  const place = useLive((data) => queuePlace(data.downloads, download.id));
  const [asking, setAsking] = useState(false);
  const { ref, state, bytes, total, connections, failure } = download;
  const running = isUnderWay(state);
  const parts = downloadParts(download, place);
  const tone = downloadTone(download);
  return (
    <section aria-label={`Download of ${ref}`}>
      <DownloadNumbers parts={parts} tone={tone} className="gap-x-3" />
      {total > 0 && (
        <ProgressBar
          tone={tone}
          fraction={bytes / total}
          label={`Progress of ${ref}`}
          height={6}
          className="mt-2 w-full"
        />
      )}
      {download.waiting && (
        <p className="mt-2 text-small text-text-2">{download.waiting.message}</p>
      )}
      {failure && state === 'failed' ? (
        <DownloadFailure download={download} failure={failure} actions={actions} className="mt-3" />
      ) : (
        <div className="mt-3 flex items-center gap-2">
          <Button
            writes
            icon={running ? <Pause size={14} /> : <Play size={14} />}
            busy={actions.busy}
            onClick={running ? actions.pause : actions.resume}
          >
            {running ? 'Pause' : 'Resume'}
          </Button>
          <Button writes onClick={() => (bytes > 0 ? setAsking(true) : actions.cancel())}>
            {bytes > 0 ? 'Cancel…' : 'Cancel'}
          </Button>
          <span className="ml-auto text-small text-text-2">
            {state === 'running' && connections ? formatCount(connections, 'connection') : ''}
          </span>
        </div>
      )}
      {actions.problem && (
        <p role="alert" className="mt-2 text-small text-broken-text">
          {actions.problem}
        </p>
      )}
      <CancelDialog
        download={download}
        open={asking}
        onOpenChange={setAsking}
        onCancel={actions.cancel}
      />
    </section>
  );
}
