import { Button } from '@renderer/components/Button';
import { Dialog } from '@renderer/components/Dialog';
import type { Download } from '@shared/domain/download';
import { formatDisk } from '@shared/format/bytes';

interface CancelDialogProps {
  readonly download: Download;
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  readonly onCancel: () => void;
}

/** Asks once before what has come is thrown away. */
export function CancelDialog({ download, open, onOpenChange, onCancel }: CancelDialogProps) {
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={`Cancel the download of ${download.ref}?`}
      actions={
        <>
          <Button onClick={() => onOpenChange(false)}>Keep it</Button>
          <Button
            writes
            kind="danger"
            onClick={() => {
              onOpenChange(false);
              onCancel();
            }}
          >
            Cancel download
          </Button>
        </>
      }
    >
      <p>{`The ${formatDisk(download.bytes)} already downloaded will be deleted.`}</p>
    </Dialog>
  );
}
