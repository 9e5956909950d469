import { useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useCallback, useContext, useRef, useState } from 'react';

import { useClient } from '@renderer/api/api-context';
import { useToast } from '@renderer/components/Toast';
import { shortName } from '@renderer/text/model-text';
import type { Model } from '@shared/domain/model';
import { type LeftOut, withEach } from './bulk';
import { type Asked, DeletionDialog } from './DeletionDialog';
import { deleteQuestion } from './model-rules';
import { holdAll, keepHolding, undoAll, undoText } from './undo';

/** @param leftOut those that were meant too and cannot be deleted now. */
type Remove = (models: readonly Model[], leftOut?: readonly LeftOut[]) => void;

const DeletionContext = createContext<Remove | undefined>(undefined);

/** Deletes models: one at once where nothing is lost for good, several after a question; one undo follows. */
export function useDeleteModels(): Remove {
  const remove = useContext(DeletionContext);
  if (!remove) throw new Error('useDeleteModels needs a DeletionHost above it.');
  return remove;
}

/** The same for one model. */
export function useDeleteModel(): (model: Model) => void {
  const remove = useDeleteModels();
  return useCallback((model: Model) => remove([model]), [remove]);
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
    async (wanted: readonly Model[]) => {
      const models = wanted.filter(({ ref }) => !pending.current.has(ref));
      if (models.length === 0) return;
      for (const { ref } of models) pending.current.add(ref);
      setBusy(true);
      try {
        const hold = keepHolding(client);
        const { done, failed } = await withEach(models, async ({ ref }) => {
          const deletion = await client.call('models.delete', { ref });
          await hold(ref);
          return deletion;
        });
        // Until the rows are gone, another press of the key would be for the same models.
        await queryClient.invalidateQueries({ queryKey: ['models.list'] });
        setAsked(failed.length > 0 ? { kind: 'failed', models, failed } : undefined);
        if (done.length === 0) return;
        const deletions = done.map(({ answer }) => answer);
        // The first of many went a while ago: all of them have their whole time from now on.
        if (deletions.length > 1) await holdAll(client, deletions).catch(() => undefined);
        const name = done.length === 1 && done[0] ? shortName(done[0].model) : undefined;
        toast({
          text: undoText(deletions, name),
          onUndo: () => undoAll(client, deletions),
          onHold: () => holdAll(client, deletions),
        });
      } finally {
        for (const { ref } of models) pending.current.delete(ref);
        setBusy(false);
      }
    },
    [client, queryClient, toast],
  );
  const remove: Remove = useCallback(
    (models, leftOut = []) => {
      const [first] = models;
      if (!first) return;
      const asks = models.length > 1 || leftOut.length > 0 || deleteQuestion(first) !== undefined;
      if (asks) setAsked({ kind: 'question', models, leftOut });
      else void begin(models);
    },
    [begin],
  );
  return (
    <DeletionContext value={remove}>
      {children}
      {asked && (
        <DeletionDialog
          asked={asked}
          busy={busy}
          onClose={() => setAsked(undefined)}
          onConfirm={(models) => void begin(models)}
        />
      )}
    </DeletionContext>
  );
}
