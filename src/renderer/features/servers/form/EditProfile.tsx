import { useEffect, useMemo, useState } from 'react';

import { useClient } from '@renderer/api/api-context';
import { ErrorBlock, errorSentence } from '@renderer/components/ErrorBlock';
import { type Edits, setEdits, useDraftStore, useEdits } from '@renderer/domain/servers/drafts';
import { useIsLocal } from '@renderer/live/use-live';
import { useRpcQuery } from '@renderer/queries/use-rpc';
import type { ServerProfile } from '@shared/domain/profile';
import { DomainError } from '@shared/errors';
import { formatCount } from '@shared/format/counts';
import { Clashes } from './Clashes';
import { baseOf, draftChanges, draftOf, type ProfileDraft, type UpdateInput } from './draft';
import { clashesOf, editsOf, editsSince, insistingOn, withEdits, withoutEdit } from './edits';
import { ProfileForm } from './ProfileForm';
import { SaveBar } from './SaveBar';
import { useCheck } from './use-check';

interface EditProfileProps {
  readonly profile: ServerProfile;
  /** A field to show at once. */
  readonly field: string | undefined;
}

/** The Settings tab: a stored profile in the form. Where local fields may be set they come unmasked. */
export function EditProfile({ profile, field }: EditProfileProps) {
  const local = useIsLocal();
  const unmasked = useRpcQuery('profiles.listLocal', {}, { enabled: local });
  if (!local) return <EditForm profile={profile} field={field} local={false} />;
  if (unmasked.error) return <ErrorBlock sentence={errorSentence(unmasked.error)} />;
  const full = unmasked.data?.find((one) => one.id === profile.id);
  return full ? <EditForm profile={full} field={field} local /> : null;
}

/** The edits of a profile over what is stored now, kept until they are saved or taken back. */
function useDraft(profile: ServerProfile) {
  const store = useDraftStore();
  const edits = useEdits(profile.id);
  const stored = useMemo(() => draftOf(profile), [profile]);
  const draft = useMemo(() => withEdits(stored, edits), [stored, edits]);
  const keep = (next: Edits): void => setEdits(store, profile.id, next);
  // What somebody else saved to the same value is no edit any more.
  useEffect(() => {
    const left = editsOf(withEdits(stored, edits), stored, edits);
    if (Object.keys(left).length < Object.keys(edits).length) setEdits(store, profile.id, left);
  }, [store, profile.id, stored, edits]);
  return { store, edits, stored, draft, keep };
}

/** What was sent, until the stored profile that came of it has arrived. */
interface Sent {
  readonly at: string;
  readonly edits: Edits;
}

function EditForm({ profile, field, local }: EditProfileProps & { readonly local: boolean }) {
  const client = useClient();
  const { store, edits, stored, draft, keep } = useDraft(profile);
  const [sent, setSent] = useState<Sent>();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const check = useCheck(draft, profile.id);
  const changes = draftChanges(draft, stored, local);
  const changed = Object.keys(edits).length > 0;
  const clashes = busy || sent ? [] : clashesOf(stored, edits);
  const onChange = (next: ProfileDraft): void => keep(editsOf(next, stored, edits));
  useEffect(() => {
    if (sent === undefined || profile.updatedAt < sent.at) return;
    setEdits(store, profile.id, editsSince(store.getState().edits[profile.id] ?? {}, sent.edits));
    setSent(undefined);
  }, [store, profile, sent]);

  const save = async (): Promise<void> => {
    setBusy(true);
    setProblem(undefined);
    try {
      // The manager parses every request; a draft has the fields of its input.
      const input = {
        profileId: profile.id,
        changes: changes as UpdateInput,
        base: baseOf(changes, stored, local) as UpdateInput,
      };
      const saved = await client.call(local ? 'profiles.updateLocal' : 'profiles.update', input);
      setSent({ at: saved.profile.updatedAt, edits });
    } catch (error) {
      // What was saved elsewhere in this moment arrives by itself, and is shown with the choice.
      if (!isChangedMeanwhile(error)) setProblem(errorSentence(error));
    } finally {
      setBusy(false);
    }
  };

  const toSettle =
    clashes.length > 0 ? `${formatCount(clashes.length, 'conflict')} to resolve` : undefined;
  return (
    // What stays in view beside the form begins below the bar.
    <div className="[--form-top:--spacing(12)]">
      <div className="sticky -top-0.5 z-10 -mx-1 mb-3 flex items-center justify-between gap-3 bg-bg px-1 pb-2">
        <span className="text-small text-text-2">{changed ? 'Unsaved changes' : 'Saved'}</span>
        <SaveBar
          check={check}
          saveLabel="Save"
          cancelLabel="Revert"
          busy={busy || sent !== undefined}
          idle={changed ? undefined : 'No changes to save'}
          blocked={toSettle}
          onSave={() => void save()}
          onCancel={() => {
            setProblem(undefined);
            keep({});
          }}
        />
      </div>
      {problem && <ErrorBlock className="mb-4" sentence={problem} />}
      <Clashes
        clashes={clashes}
        onKeepStored={(name) => keep(withoutEdit(edits, name))}
        onKeepMine={(name) => keep(insistingOn(edits, stored, name))}
      />
      <ProfileForm
        draft={draft}
        onChange={onChange}
        profileId={profile.id}
        check={check}
        field={field}
      />
    </div>
  );
}

function isChangedMeanwhile(error: unknown): boolean {
  if (!(error instanceof DomainError) || error.code !== 'conflict') return false;
  const { conflicts }: { conflicts?: unknown } = Object(error.data);
  return Array.isArray(conflicts);
}
