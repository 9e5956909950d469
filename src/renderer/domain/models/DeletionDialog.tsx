import { Button } from '@renderer/components/Button';
import { ConfirmDialog, Dialog } from '@renderer/components/Dialog';
import { shortName } from '@renderer/text/model-text';
import type { Model } from '@shared/domain/model';
import { formatDisk } from '@shared/format/bytes';
import { formatCount } from '@shared/format/counts';
import { failedTitle, type LeftOut, manyQuestion } from './bulk';
import { LeftOutList } from './LeftOutList';
import { deleteQuestion, listed } from './model-rules';

/** A deletion that waits for an answer, or what of it did not work. */
export type Asked =
  | {
      readonly kind: 'question';
      readonly models: readonly Model[];
      readonly leftOut: readonly LeftOut[];
    }
  | {
      readonly kind: 'failed';
      readonly models: readonly Model[];
      readonly failed: readonly LeftOut[];
    };

interface DeletionDialogProps {
  readonly asked: Asked;
  readonly busy: boolean;
  readonly onClose: () => void;
  readonly onConfirm: (models: readonly Model[]) => void;
}

/** Asks before models go, and says of which it did not work. */
export function DeletionDialog({ asked, busy, onClose, onConfirm }: DeletionDialogProps) {
  const { models } = asked;
  const [only] = models;
  const one = models.length === 1 && only ? only : undefined;
  if (asked.kind === 'failed') return <Failed {...asked} onClose={onClose} />;
  const question = (one && deleteQuestion(one)) ?? manyQuestion(models);
  return (
    <ConfirmDialog
      open
      onOpenChange={onClose}
      title={question.title}
      confirmLabel={`Delete ${one ? shortName(one) : formatCount(models.length, 'model')}`}
      busy={busy}
      onConfirm={() => onConfirm(models)}
    >
      {!one && <Going models={models} />}
      {question.sentences.map((sentence) => (
        <p key={sentence} className="mt-1 wrap-anywhere first:mt-0">
          {sentence}
        </p>
      ))}
      {asked.leftOut.length > 0 && (
        <LeftOutList
          title={`${formatCount(asked.leftOut.length, 'model')} left out`}
          leftOut={asked.leftOut}
          className="mt-3"
        />
      )}
    </ConfirmDialog>
  );
}

/** What goes: each with its size and who uses it. */
function Going({ models }: { readonly models: readonly Model[] }) {
  return (
    <ul
      aria-label="Models to delete"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the keys scroll it
      tabIndex={0}
      className="mb-2 max-h-36 overflow-y-auto rounded-field bg-bg-group px-2.5 py-1.5 text-small"
    >
      {models.map((model) => (
        <li key={model.ref} className="flex gap-3 py-0.5">
          <span className="min-w-0 flex-1 wrap-anywhere text-text-1" dir="auto">
            {shortName(model)}
            {model.usedBy.length > 0 && (
              <span className="text-text-2"> used by {listed(model.usedBy)}</span>
            )}
          </span>
          <span className="shrink-0 tabular-nums">{formatDisk(model.sizeBytes)}</span>
        </li>
      ))}
    </ul>
  );
}

type FailedProps = Extract<Asked, { kind: 'failed' }> & { readonly onClose: () => void };

/** What did not work, with each reason; the rest is done. */
function Failed({ models, failed, onClose }: FailedProps) {
  const [only] = failed;
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={failedTitle(failed, models.length, 'deleted')}
      actions={
        <Button kind="primary" onClick={onClose}>
          Close
        </Button>
      }
    >
      {models.length === 1 ? (
        <p className="wrap-anywhere">{only?.reason}</p>
      ) : (
        <LeftOutList leftOut={failed} />
      )}
    </Dialog>
  );
}
