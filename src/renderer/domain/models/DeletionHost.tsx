import { useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useCallback, useContext, useRef, useState } from 'react';

import { useClient } from '@renderer/api/api-context';
import { Button } from '@renderer/components/Button';
import { ConfirmDialog, Dialog } from '@renderer/components/Dialog';
import { errorSentence } from '@renderer/components/ErrorBlock';
import { useToast } from '@renderer/components/Toast';
import { shortName } from '@renderer/text/model-text';
import type { Deletion, Model } from '@shared/domain/model';
import { formatDisk } from '@shared/format/bytes';
import { deleteQuestion } from './model-rules';

const DeletionContext = createContext<((model: Model) => void) | undefined>(undefined);

/** Deletes a model: at once where nothing is lost for good, else after a question; an undo follows. */
export function useDeleteModel(): (model: Model) => void {
  const remove = useContext(DeletionContext);
  if (!remove) throw new Error('useDeleteModel needs a DeletionHost above it.');
  return remove;
}

interface Asked {
  readonly model: Model;
  /** Why the last try did not work. */
  readonly problem?: string;
}

/** Deletions outlive the screen that asked for them: their questions and their undos are here. */
export function DeletionHost({ children }: { readonly children: ReactNode }) {
  const client = useClient();
  const queryClient = useQueryClient();
  const toast = useToast();
  const [asked, setAsked] = useState<Asked>();
  const [busy, setBusy] = useState(false);
  /** Those under way: a key that is held down does not delete twice. */
  const pending = useRef(new Set<string>());

  const begin = useCallback(
    async (model: Model) => {
      const { ref } = model;
      if (pending.current.has(ref)) return;
      pending.current.add(ref);
      setBusy(true);
      try {
        const deletion: Deletion = await client.call('models.delete', { ref });
        // Until the row is gone, another press of the key would be for the same model.
        await queryClient.invalidateQueries({ queryKey: ['models.list'] });
        setAsked(undefined);
        toast({
          text: `Deleted ${shortName(model)}, ${formatDisk(deletion.freedBytes)}`,
          onUndo: () => client.call('models.undoDelete', { ref }),
          onHold: () => client.call('models.holdDelete', { ref }),
        });
      } catch (error) {
        setAsked({ model, problem: errorSentence(error) });
      } finally {
        pending.current.delete(ref);
        setBusy(false);
      }
    },
    [client, queryClient, toast],
  );
  const remove = useCallback(
    (model: Model) => {
      if (deleteQuestion(model)) setAsked({ model });
      else void begin(model);
    },
    [begin],
  );
  const close = (): void => setAsked(undefined);
  return (
    <DeletionContext value={remove}>
      {children}
      {asked && <Question asked={asked} busy={busy} onClose={close} onConfirm={begin} />}
    </DeletionContext>
  );
}

interface QuestionProps {
  readonly asked: Asked;
  readonly busy: boolean;
  readonly onClose: () => void;
  readonly onConfirm: (model: Model) => Promise<void>;
}

function Question({ asked: { model, problem }, busy, onClose, onConfirm }: QuestionProps) {
  const question = deleteQuestion(model);
  if (!question) {
    return (
      <Dialog
        open
        onOpenChange={onClose}
        title={`Couldn’t delete ${shortName(model)}`}
        actions={
          <Button kind="primary" onClick={onClose}>
            Close
          </Button>
        }
      >
        <p className="wrap-anywhere">{problem}</p>
      </Dialog>
    );
  }
  return (
    <ConfirmDialog
      open
      onOpenChange={onClose}
      title={question.title}
      confirmLabel={`Delete ${shortName(model)}`}
      busy={busy}
      problem={problem}
      onConfirm={() => void onConfirm(model)}
    >
      {question.sentences.map((sentence) => (
        <p key={sentence} className="mt-1 first:mt-0">
          {sentence}
        </p>
      ))}
    </ConfirmDialog>
  );
}
