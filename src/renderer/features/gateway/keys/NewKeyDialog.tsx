import { Button } from '@renderer/components/Button';
import { CodeBlock } from '@renderer/components/CodeBlock';
import { Dialog } from '@renderer/components/Dialog';
import type { NewGatewayKey } from '@shared/domain/gateway';

interface NewKeyDialogProps {
  readonly made: NewGatewayKey;
  readonly onClose: () => void;
}

/** Shows a key the only time that it is known. */
export function NewKeyDialog({ made, onClose }: NewKeyDialogProps) {
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={`Key for ${made.name}`}
      actions={
        <Button kind="primary" onClick={onClose}>
          Done
        </Button>
      }
    >
      <p className="mb-3">
        Copy the key now: MLX Manager keeps only a fingerprint of it and can't show it again.
      </p>
      <CodeBlock label="New key" copy={made.key} copyLabel="Copy key">
        <span className="text-text-1">{made.key}</span>
      </CodeBlock>
    </Dialog>
  );
}
