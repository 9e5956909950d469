import { type ReactNode, useState } from 'react';

import type { MenuItem } from '@renderer/components/Menu';
import type { Download } from '@shared/domain/download';
import { isUnderWay } from '@shared/domain/download-state';
import { CancelDialog } from './CancelDialog';
import type { DownloadActions } from './use-download-actions';

interface DownloadMenu {
  /** Empty where there is nothing to do with it. */
  readonly items: readonly MenuItem[];
  /** The question before what has come is thrown away; belongs beside the row. */
  readonly dialog: ReactNode;
}

/** What the row of a download offers by a right click: what its buttons do. */
export function useDownloadMenu(
  download: Download | undefined,
  actions: DownloadActions,
): DownloadMenu {
  const [asking, setAsking] = useState(false);
  if (download === undefined || download.state === 'done') return { items: [], dialog: null };
  const { state, bytes } = download;
  const goOn = state === 'failed' ? 'Try again' : 'Resume download';
  return {
    items: [
      isUnderWay(state)
        ? { label: 'Pause download', writes: true, onSelect: actions.pause }
        : { label: goOn, writes: true, onSelect: actions.resume },
      bytes > 0
        ? { label: 'Cancel download…', danger: true, writes: true, onSelect: () => setAsking(true) }
        : { label: 'Cancel download', danger: true, writes: true, onSelect: actions.cancel },
    ],
    dialog: (
      <CancelDialog
        download={download}
        open={asking}
        onOpenChange={setAsking}
        onCancel={actions.cancel}
      />
    ),
  };
}
