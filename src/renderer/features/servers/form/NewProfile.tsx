import { useEffect, useMemo, useRef, useState } from 'react';

import { useClient } from '@renderer/api/api-context';
import { ErrorBlock, errorSentence } from '@renderer/components/ErrorBlock';
import { useDraftStore, useDrafts } from '@renderer/domain/servers/drafts';
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

/** The draft that was begun before, or a new one. It is kept once something was typed. */
function useFreshDraft(port: number, model: string) {
  const store = useDraftStore();
  const kept = useDrafts(({ fresh }) => fresh);
  const begin = useMemo(
    (): ProfileDraft => ({ ...newDraft(port, model), name: model ? modelName(model) : '' }),
    [port, model],
  );
  // A model that was chosen elsewhere since then is meant now; the rest stays as it was typed.
  const isOther = kept !== undefined && model !== '' && kept.begunWith !== model;
  const draft = useMemo(
    () => ({ ...begin, ...kept?.values, ...(isOther ? { model } : {}) }) as ProfileDraft,
    [begin, kept, isOther, model],
  );
  const change = (next: ProfileDraft): void =>
    store.setState({ fresh: { begunWith: model || (kept?.begunWith ?? ''), values: next } });
  return { draft, change, forget: () => store.setState({ fresh: undefined }) };
}

function NewProfileForm({ model, onDraft, onDone, port }: NewProfileProps & { port: number }) {
  const local = useIsLocal();
  const { draft, change, forget } = useFreshDraft(port, model);
  const check = useCheck(draft, undefined);
  const { create, busy, problem } = useCreate(local);
  const place = useRef<HTMLFormElement>(null);
  useEffect(() => onDraft(draft), [draft, onDraft]);
  useEffect(() => {
    place.current?.querySelector<HTMLElement>('[data-field=name] input')?.focus();
  }, []);
  const untouched = useMemo(
    () => new Set([draft.name === '' ? 'name' : '', draft.model === '' ? 'model' : '']),
    [draft.name, draft.model],
  );
  const finish: NewProfileProps['onDone'] = (id) => {
    forget();
    onDone(id);
  };
  return (
    <form
      ref={place}
      className="flex h-full min-h-0 flex-col"
      onKeyDown={(event) => {
        // Esc does what Cancel does, wherever the focus is.
        if (event.key === 'Escape' && !event.defaultPrevented) finish(undefined);
      }}
      onSubmit={(event) => event.preventDefault()}
    >
      <div className="flex items-center justify-between gap-3 px-6 pt-1 pb-3 narrow:px-5">
        <h2 className="truncate text-title font-semibold">New profile</h2>
        <SaveBar
          check={check}
          saveLabel="Create"
          cancelLabel="Cancel"
          busy={busy}
          untouched={untouched}
          onSave={() => void create(draft, finish)}
          onCancel={() => finish(undefined)}
        />
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto px-6 pb-6 narrow:px-5">
        {problem && <ErrorBlock className="mb-4" sentence={problem} />}
        <ProfileForm
          draft={draft}
          onChange={change}
          profileId={undefined}
          check={check}
          untouched={untouched}
          field={undefined}
        />
      </div>
    </form>
  );
}
