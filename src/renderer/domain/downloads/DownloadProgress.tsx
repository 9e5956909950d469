import { ProgressBar } from '@renderer/components/Meter';
import { useLive } from '@renderer/live/use-live';
import {
  downloadParts,
  downloadSentence,
  downloadTone,
  queuePlace,
} from '@renderer/text/download-text';
import type { Download } from '@shared/domain/download';
import { DownloadButtons } from './DownloadButtons';
import { DownloadNumbers } from './DownloadNumbers';
import { type DownloadActions, useDownloadActions } from './use-download-actions';

interface DownloadProgressProps {
  readonly download: Download;
  /** Those of the row around it, whose menu has them too; a refusal is said here. */
  readonly actions?: DownloadActions;
}

/**
 * How far a download is, with pause, resume and cancel: the same in every table. The numbers have a line of their own
 * below the bar and its buttons, where they are never cut.
 */
export function DownloadProgress({ download, actions: given }: DownloadProgressProps) {
  const own = useDownloadActions(download);
  const actions = given ?? own;
  const place = useLive((data) => queuePlace(data.downloads, download.id));
  const { ref, bytes, total } = download;
  const parts = downloadParts(download, place);
  const tone = downloadTone(download);
  return (
    <span className="block min-w-0 text-small">
      <span className="-mt-0.5 flex items-center gap-1">
        <span className="min-w-0 flex-1">
          {total > 0 && (
            <ProgressBar tone={tone} fraction={bytes / total} label={`Download of ${ref}`} />
          )}
          {total === 0 && <DownloadNumbers parts={parts} tone={tone} />}
        </span>
        <DownloadButtons download={download} actions={actions} />
      </span>
      {total > 0 && (
        <span className="-mt-0.5 block" title={downloadSentence(parts)}>
          <DownloadNumbers parts={parts} tone={tone} className="leading-4" />
        </span>
      )}
      {actions.problem && (
        <span role="alert" className="line-clamp-2 text-broken-text" title={actions.problem}>
          {actions.problem}
        </span>
      )}
    </span>
  );
}
