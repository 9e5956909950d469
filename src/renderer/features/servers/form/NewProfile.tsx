import { useEffect, useMemo, useState } from 'react';

import { useClient } from '@renderer/api/api-context';
import { ErrorBlock, errorSentence } from '@renderer/components/ErrorBlock';
import { useIsLocal } from '@renderer/live/use-live';
import { useRpcQuery } from '@renderer/queries/use-rpc';
import { modelName } from '@renderer/text/server-text';
import type { Output } from '@shared/contract';
import { type CreateInput, draftValues, newDraft, type ProfileDraft } from './draft';
import { ProfileForm } from './ProfileForm';
import { SaveBar } from './SaveBar';
import { useCheck } from './use-check';

interface NewProfileProps {
  /** Chosen already, e.g. from the models screen; may be empty. */
  readonly model: string;
  /** The draft's row in the list follows it. */
  readonly onDraft: (draft: ProfileDraft) => void;
  /** With the new profile's id, or without when it was given up. */
  readonly onDone: (profileId: string | undefined) => void;
}

function useCreate(local: boolean) {
  const client = useClient();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const create = async (draft: ProfileDraft, onDone: NewProfileProps['onDone']) => {
    setBusy(true);
    setProblem(undefined);
    try {
      // The manager parses every request; a draft has the fields of its input.
      const values = draftValues(draft, local) as CreateInput;
      const saved: Output<'profiles.create'> = await client.call(
        local ? 'profiles.createLocal' : 'profiles.create',
        values,
      );
      onDone(saved.profile.id);
    } catch (error) {
      setProblem(errorSentence(error));
    } finally {
      setBusy(false);
    }
  };
  return { create, busy, problem };
}

/** A new profile: a draft until it is created. */
export function NewProfile(props: NewProfileProps) {
  const next = useRpcQuery('profiles.nextPort', {}, { fresh: true });
  if (next.error) return <ErrorBlock className="m-6" sentence={errorSentence(next.error)} />;
  // The port is taken into the draft once: an earlier answer may name one that is used by now.
  if (!next.data || !next.isFetchedAfterMount) return null;
  return <NewProfileForm {...props} port={next.data.port} />;
}

function NewProfileForm({ model, onDraft, onDone, port }: NewProfileProps & { port: number }) {
  const local = useIsLocal();
  const [draft, setDraft] = useState(() => ({
    ...newDraft(port, model),
    name: model ? modelName(model) : '',
  }));
  const check = useCheck(draft, undefined);
  const { create, busy, problem } = useCreate(local);
  useEffect(() => onDraft(draft), [draft, onDraft]);
  const untouched = useMemo(
    () => new Set([draft.name === '' ? 'name' : '', draft.model === '' ? 'model' : '']),
    [draft.name, draft.model],
  );
  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="flex items-center justify-between gap-3 px-6 pt-1 pb-3 narrow:px-5">
        <h2 className="truncate text-title font-semibold">New profile</h2>
        <SaveBar
          check={check}
          saveLabel="Create"
          cancelLabel="Cancel"
          busy={busy}
          onSave={() => void create(draft, onDone)}
          onCancel={() => onDone(undefined)}
        />
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto px-6 pb-6 narrow:px-5">
        {problem && <ErrorBlock className="mb-4" sentence={problem} />}
        <ProfileForm
          draft={draft}
          onChange={setDraft}
          profileId={undefined}
          check={check}
          untouched={untouched}
          field={undefined}
        />
      </div>
    </div>
  );
}
