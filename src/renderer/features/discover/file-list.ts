import type { DownloadFile } from '@shared/domain/download';
import type { HubFile } from '@shared/domain/hub';
import { formatPercent } from '@shared/format/counts';

/** What a download brings before what it leaves, the largest first; of the same size by name. */
export function inOrderOfSize(files: readonly HubFile[]): HubFile[] {
  return files.toSorted(
    (a, b) =>
      Number(b.wanted) - Number(a.wanted) ||
      b.sizeBytes - a.sizeBytes ||
      (a.path < b.path ? -1 : 1),
  );
}

/** How far a file is, in words. */
export function fileState(
  { wanted }: HubFile,
  state: DownloadFile | undefined,
): { readonly label: string; readonly tone: 'good' | 'busy' | 'idle' } {
  if (!wanted) return { label: 'Not needed', tone: 'idle' };
  switch (state?.state) {
    case undefined:
      return { label: '', tone: 'idle' };
    case 'verified':
      return { label: 'Verified', tone: 'good' };
    case 'verifying':
      return { label: 'Verifying', tone: 'busy' };
    case 'running': {
      const fraction = state.sizeBytes > 0 ? state.bytes / state.sizeBytes : 1;
      return { label: formatPercent(fraction), tone: 'busy' };
    }
    case 'waiting':
      return { label: 'Waiting', tone: 'idle' };
  }
}
