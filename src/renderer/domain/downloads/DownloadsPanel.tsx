import { useMutation } from '@tanstack/react-query';
import { ArrowDown, ArrowUp } from 'lucide-react';
import type { KeyboardEvent } from 'react';

import { useClient } from '@renderer/api/api-context';
import { Button, IconButton } from '@renderer/components/Button';
import { errorSentence } from '@renderer/components/ErrorBlock';
import { ContextMenu, type MenuItem } from '@renderer/components/Menu';
import { ProgressBar } from '@renderer/components/Meter';
import { ShortenedName } from '@renderer/components/ShortenedName';
import { movedIds } from '@renderer/components/row-order';
import { useRpcCommand } from '@renderer/queries/use-rpc';
import { downloadParts, downloadTone, overallLine, queuePlace } from '@renderer/text/download-text';
import type { Download } from '@shared/domain/download';
import { isUnderWay } from '@shared/domain/download-state';
import { DownloadButtons } from './DownloadButtons';
import { DownloadFailure } from './DownloadFailure';
import { DownloadNumbers } from './DownloadNumbers';
import { useDownloadActions } from './use-download-actions';
import { useDownloadMenu } from './use-download-menu';

/** All downloads in the order in which they come, whatever the search says. */
export function DownloadsPanel({ downloads }: { readonly downloads: readonly Download[] }) {
  const clear = useRpcCommand('downloads.clear');
  const reorder = useRpcCommand('downloads.reorder');
  const all = useAll();
  const open = downloads.filter(({ state }) => isUnderWay(state) || state === 'paused');
  const ids = open.map(({ id }) => id);
  const going = open.filter(({ state }) => isUnderWay(state));
  const ended = downloads.length - open.length;
  const error = clear.error ?? reorder.error ?? all.error;
  const move = (id: string, step: -1 | 1): void => {
    const downloadIds = movedIds(ids, id, step);
    if (downloadIds) reorder.mutate({ downloadIds: [...downloadIds] });
  };
  return (
    <div>
      <div className="flex items-center gap-2 border-b border-sep px-4 py-2.5">
        <div className="min-w-0 flex-1">
          <h2 className="font-semibold">Downloads</h2>
          <p className="text-caption text-text-3">{overallLine(downloads)}</p>
        </div>
        {open.length > 1 && (
          <Button
            writes
            size="small"
            busy={all.isPending}
            onClick={() => all.mutate({ method: going.length > 0 ? 'pause' : 'resume', open })}
          >
            {going.length > 0 ? 'Pause all' : 'Resume all'}
          </Button>
        )}
        {ended > 0 && (
          <Button writes size="small" busy={clear.isPending} onClick={() => clear.mutate({})}>
            Clear finished
          </Button>
        )}
      </div>
      {error && (
        <p role="alert" className="px-4 pt-2 text-small text-broken-text">
          {errorSentence(error)}
        </p>
      )}
      <ul aria-label="Downloads" className="px-4 [&>li+li]:border-t [&>li+li]:border-sep">
        {downloads.map((download) => (
          <DownloadRow
            key={download.id}
            download={download}
            place={queuePlace(downloads, download.id)}
            at={ids.indexOf(download.id)}
            count={ids.length}
            onMove={(step) => move(download.id, step)}
          />
        ))}
      </ul>
    </div>
  );
}

/** Pauses what is under way, or goes on with what is paused. */
function useAll() {
  const client = useClient();
  return useMutation({
    mutationFn: ({
      method,
      open,
    }: {
      readonly method: 'pause' | 'resume';
      readonly open: readonly Download[];
    }) =>
      Promise.all(
        open
          .filter(({ state }) => (method === 'pause' ? isUnderWay(state) : state === 'paused'))
          .map(({ id }) => client.call(`downloads.${method}`, { downloadId: id })),
      ),
  });
}

interface DownloadRowProps {
  readonly download: Download;
  readonly place: number | undefined;
  /** Among those that are not over; -1 for one that is. */
  readonly at: number;
  readonly count: number;
  readonly onMove: (step: -1 | 1) => void;
}

function DownloadRow({ download, place, at, count, onMove }: DownloadRowProps) {
  const actions = useDownloadActions(download);
  const menu = useDownloadMenu(download, actions);
  const { ref, state, bytes, total, failure } = download;
  const name = ref.split('/').at(-1) ?? ref;
  const isOver = at === -1;
  const parts = downloadParts(download, place);
  const tone = downloadTone(download);
  const handleKey = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : undefined;
    if (step === undefined || !event.altKey || isOver) return;
    event.preventDefault();
    onMove(step);
  };
  const places: readonly (MenuItem | 'separator')[] = [
    'separator',
    {
      label: 'Move up',
      reason: at === 0 && 'Already first',
      writes: true,
      onSelect: () => onMove(-1),
    },
    {
      label: 'Move down',
      reason: at === count - 1 && 'Already last',
      writes: true,
      onSelect: () => onMove(1),
    },
  ];
  const row = (
    <li className="py-2.5" onKeyDown={handleKey}>
      <div className="flex items-center gap-1">
        <p className="min-w-0 flex-1 font-medium">
          <ShortenedName name={name} />
        </p>
        {!isOver && count > 1 && (
          <>
            <IconButton
              writes
              size="small"
              label={`Move ${ref} up`}
              reason={at === 0 && 'Already first'}
              onClick={() => onMove(-1)}
            >
              <ArrowUp size={14} strokeWidth={1.5} />
            </IconButton>
            <IconButton
              writes
              size="small"
              label={`Move ${ref} down`}
              reason={at === count - 1 && 'Already last'}
              onClick={() => onMove(1)}
            >
              <ArrowDown size={14} strokeWidth={1.5} />
            </IconButton>
          </>
        )}
        {!isOver && <DownloadButtons download={download} actions={actions} />}
      </div>
      {state !== 'done' && total > 0 && (
        <ProgressBar
          tone={tone}
          fraction={bytes / total}
          label={`Queue: ${ref}`}
          className="mt-1 w-full"
        />
      )}
      <p className="mt-1 text-small">
        <DownloadNumbers parts={parts} tone={tone} />
        {download.waiting && state !== 'failed' && (
          <span className="block text-text-2 wrap-anywhere">{parts.reason}</span>
        )}
      </p>
      {state === 'failed' && failure && (
        <DownloadFailure download={download} failure={failure} actions={actions} className="mt-2" />
      )}
      {actions.problem && (
        <p role="alert" className="mt-1 text-small text-broken-text">
          {actions.problem}
        </p>
      )}
      {menu.dialog}
    </li>
  );
  if (menu.items.length === 0) return row;
  const items = isOver || count < 2 ? menu.items : [...menu.items, ...places];
  return <ContextMenu items={items}>{row}</ContextMenu>;
}
