import { useEffect, useMemo, useState } from 'react';

import { useClient } from '@renderer/api/api-context';
import { ErrorBlock, errorSentence } from '@renderer/components/ErrorBlock';
import { useIsLocal } from '@renderer/live/use-live';
import { useRpcQuery } from '@renderer/queries/use-rpc';
import type { ServerProfile } from '@shared/domain/profile';
import { draftChanges, draftOf, type ProfileDraft, type UpdateInput } from './draft';
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

function EditForm({ profile, field, local }: EditProfileProps & { readonly local: boolean }) {
  const client = useClient();
  const stored = useMemo(() => draftOf(profile), [profile]);
  const [edited, setEdited] = useState<ProfileDraft>();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const draft = edited ?? stored;
  const check = useCheck(draft, profile.id);
  const changes = draftChanges(draft, stored, local);
  const changed = Object.keys(changes).length > 0;
  // What was saved comes back as the stored profile: then nothing is edited any more.
  useEffect(() => {
    if (edited && !changed) setEdited(undefined);
  }, [edited, changed]);

  const save = async (): Promise<void> => {
    setBusy(true);
    setProblem(undefined);
    try {
      // The manager parses every request; a draft has the fields of its input.
      const input = { profileId: profile.id, changes: changes as UpdateInput };
      await client.call(local ? 'profiles.updateLocal' : 'profiles.update', input);
    } catch (error) {
      setProblem(errorSentence(error));
    } finally {
      setBusy(false);
    }
  };

  return (
    <div>
      <div className="sticky -top-0.5 z-10 -mx-1 mb-3 flex items-center justify-between gap-3 bg-bg px-1 pb-2">
        <span className="text-small text-text-2">{changed ? 'Not saved yet' : 'Saved'}</span>
        <SaveBar
          check={check}
          saveLabel="Save"
          cancelLabel="Revert"
          busy={busy}
          idle={changed ? undefined : 'Nothing was changed'}
          onSave={() => void save()}
          onCancel={() => setEdited(undefined)}
        />
      </div>
      {problem && <ErrorBlock className="mb-4" sentence={problem} />}
      <ProfileForm
        draft={draft}
        onChange={setEdited}
        profileId={profile.id}
        check={check}
        field={field}
      />
    </div>
  );
}
