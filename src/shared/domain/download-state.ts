export const DOWNLOAD_STATES = [
  'queued',
  'running',
  'paused',
  'verifying',
  'done',
  'failed',
] as const;
export type DownloadState = (typeof DOWNLOAD_STATES)[number];

/** States in which a job will still do something by itself. */
export function isUnderWay(state: DownloadState): boolean {
  return state === 'queued' || state === 'running' || state === 'verifying';
}
