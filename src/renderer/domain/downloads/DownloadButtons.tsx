import { Pause, Play, X } from 'lucide-react';
import { useState } from 'react';

import { IconButton } from '@renderer/components/Button';
import type { Download } from '@shared/domain/download';
import { isUnderWay } from '@shared/domain/download-state';
import { CancelDialog } from './CancelDialog';
import type { DownloadActions } from './use-download-actions';

interface DownloadButtonsProps {
  readonly download: Download;
  readonly actions: DownloadActions;
}

/** Pause or resume, and cancel, as icons. */
export function DownloadButtons({ download, actions }: DownloadButtonsProps) {
  const [asking, setAsking] = useState(false);
  const { ref, state, bytes } = download;
  return (
    <>
      {isUnderWay(state) ? (
        <IconButton writes size="small" label={`Pause ${ref}`} onClick={actions.pause}>
          <Pause size={14} strokeWidth={1.5} />
        </IconButton>
      ) : (
        <IconButton writes size="small" label={`Resume ${ref}`} onClick={actions.resume}>
          <Play size={14} strokeWidth={1.5} />
        </IconButton>
      )}
      <IconButton
        writes
        size="small"
        label={`Cancel ${ref}`}
        onClick={() => (bytes > 0 ? setAsking(true) : actions.cancel())}
      >
        <X size={14} strokeWidth={1.5} />
      </IconButton>
      <CancelDialog
        download={download}
        open={asking}
        onOpenChange={setAsking}
        onCancel={actions.cancel}
      />
    </>
  );
}
