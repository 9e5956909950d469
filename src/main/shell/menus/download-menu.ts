import type { Download } from '@shared/domain/download';
import { isUnderWay } from '@shared/domain/download-state';
import { formatDiskOf, formatSpeed } from '@shared/format/bytes';
import { formatPercent } from '@shared/format/counts';
import { item, type MenuNode, SEPARATOR } from './menu-node';
import { menuText, wrapped } from './menu-text';

/** Downloads with items of their own; the others are in the window. */
const MOST_DOWNLOADS = 8;

/** Downloads that are not over, in their order. */
export function openDownloads(downloads: readonly Download[]): Download[] {
  return downloads.filter(({ state }) => isUnderWay(state) || state === 'paused');
}

/** The menu bar's part about downloads: each with how far it is, to be paused and gone on with. */
export function downloadItems(downloads: readonly Download[]): MenuNode[] {
  const open = openDownloads(downloads);
  if (open.length === 0) return [];
  const more = open.length - MOST_DOWNLOADS;
  return [
    SEPARATOR,
    { type: 'text', id: 'downloads', label: 'Downloads' },
    ...open.slice(0, MOST_DOWNLOADS).map(downloadMenu),
    ...(more > 0
      ? [item('downloads-more', `${more} More…`, { do: 'page', action: 'go:discover' })]
      : []),
  ];
}

/** Pause or resume of each download that is not over, for the application menu: without what changes. */
export function downloadControls(downloads: readonly Download[]): MenuNode[] {
  return openDownloads(downloads)
    .slice(0, MOST_DOWNLOADS)
    .map((download) => control(download, ` ${shortName(download)}`));
}

/** How far all downloads that run are together, 0 to 1; undefined when nothing comes. */
export function downloadedFraction(downloads: readonly Download[]): number | undefined {
  const running = downloads.filter(
    ({ state, total }) => (state === 'running' || state === 'verifying') && total > 0,
  );
  const total = running.reduce((sum, download) => sum + download.total, 0);
  if (total === 0) return undefined;
  return running.reduce((sum, { bytes }) => sum + bytes, 0) / total;
}

/** A menu of its own: one that opens another cannot be clicked itself. */
function downloadMenu(download: Download): MenuNode {
  const { id, waiting } = download;
  const facts = waiting ? wrapped(waiting.message) : amount(download);
  return {
    type: 'menu',
    id: `download:${id}`,
    label: `${shortName(download)}  ${progressText(download)}`,
    items: [
      ...facts.map(
        (label, index): MenuNode => ({ type: 'text', id: `download-fact:${id}:${index}`, label }),
      ),
      ...(facts.length > 0 ? [SEPARATOR] : []),
      control(download, ''),
      SEPARATOR,
      item(`download-show:${id}`, 'Show Downloads', { do: 'page', action: 'go:discover' }),
    ],
  };
}

function control({ id, state }: Download, what: string): MenuNode {
  return state === 'paused'
    ? item(`resume-download:${id}`, `Resume${what}`, { do: 'resume-download', downloadId: id })
    : item(`pause-download:${id}`, `Pause${what}`, { do: 'pause-download', downloadId: id });
}

function shortName({ ref }: Download): string {
  return menuText(ref.split('/').at(-1) ?? ref);
}

/** `61 %, 2 min`, or why there is no such figure. */
function progressText({ state, bytes, total, etaSeconds, waiting }: Download): string {
  if (state === 'queued') return 'queued';
  if (total === 0) return state === 'paused' ? 'paused' : 'preparing';
  const percent = formatPercent(bytes / total);
  if (state === 'paused') return `paused at ${percent}`;
  if (state === 'verifying') return 'verifying';
  if (waiting) return `${percent}, waiting`;
  return etaSeconds === undefined ? percent : `${percent}, ${coarse(etaSeconds)}`;
}

/** Up and in coarse steps, so that the menu does not change with every second. */
function coarse(seconds: number): string {
  if (seconds < 60) return `${Math.max(10, Math.ceil(seconds / 10) * 10)} s`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function amount({ bytes, total, bytesPerSecond, state }: Download): string[] {
  if (total === 0) return [];
  const speed = state === 'running' && bytesPerSecond ? `, ${formatSpeed(bytesPerSecond)}` : '';
  return [`${formatDiskOf(bytes, total)}${speed}`];
}
