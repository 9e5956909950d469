import { classNames } from '@renderer/components/class-names';
import { ProgressBar } from '@renderer/components/Meter';
import { useLive } from '@renderer/live/use-live';
import { downloadLine, queuePlace } from '@renderer/text/download-text';
import type { Download } from '@shared/domain/download';
import { DownloadButtons } from './DownloadButtons';
import { type DownloadActions, useDownloadActions } from './use-download-actions';

interface DownloadProgressProps {
  readonly download: Download;
  /** Those of the row around it, whose menu has them too; a refusal is said here. */
  readonly actions?: DownloadActions;
}

/** How far a download is, with pause, resume and cancel: the same in every table. */
export function DownloadProgress({ download, actions: given }: DownloadProgressProps) {
  const own = useDownloadActions(download);
  const actions = given ?? own;
  const place = useLive((data) => queuePlace(data.downloads, download.id));
  const { ref, state, bytes, total } = download;
  const line = actions.problem ?? downloadLine(download, place);
  const isBad = state === 'failed' || actions.problem !== undefined;
  return (
    <span className="flex min-w-0 items-center justify-end gap-1">
      <span className="min-w-0 flex-1">
        {total > 0 && <ProgressBar fraction={bytes / total} label={`Download of ${ref}`} />}
        <span
          className={classNames(
            'leading-4',
            isBad ? 'line-clamp-2 text-broken-text' : 'block truncate text-text-2',
            total > 0 && 'mt-1',
            total === 0 && !isBad && 'text-right',
          )}
          title={line}
        >
          {line}
        </span>
      </span>
      <DownloadButtons download={download} actions={actions} />
    </span>
  );
}
