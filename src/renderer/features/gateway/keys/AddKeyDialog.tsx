import { useId, useState } from 'react';

import { Button } from '@renderer/components/Button';
import { Checkbox } from '@renderer/components/Checkbox';
import { Dialog } from '@renderer/components/Dialog';
import { ErrorBlock, errorSentence } from '@renderer/components/ErrorBlock';
import { Field } from '@renderer/components/Field';
import { FormRow } from '@renderer/components/Form';
import { Segmented } from '@renderer/components/Segmented';
import { useLive } from '@renderer/live/use-live';
import { useRpcCommand } from '@renderer/queries/use-rpc';
import type { NewGatewayKey } from '@shared/domain/gateway';
import { formatCount } from '@shared/format/counts';
import { type KeyDraft, keyProblems, keyRequest, NEW_KEY } from './key-draft';

interface AddKeyDialogProps {
  readonly onClose: () => void;
  readonly onMade: (key: NewGatewayKey) => void;
}

/** Asks what a new key is for and what it may do. Problems are said once Add was pressed. */
export function AddKeyDialog({ onClose, onMade }: AddKeyDialogProps) {
  const [draft, setDraft] = useState<KeyDraft>(NEW_KEY);
  const [pressed, setPressed] = useState(false);
  const add = useRpcCommand('gateway.addKey');
  const found = keyProblems(draft);
  const problems = pressed ? found : {};
  const count = Object.keys(problems).length;
  const change = (changes: Partial<KeyDraft>): void => {
    add.reset();
    setDraft({ ...draft, ...changes });
  };
  const submit = (): void => {
    setPressed(true);
    if (Object.keys(found).length > 0 || add.isPending) return;
    add.mutate(keyRequest(draft), { onSuccess: onMade });
  };
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title="Add a key"
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            writes
            kind="primary"
            busy={add.isPending}
            reason={count > 0 && `${formatCount(count, 'field')} to correct`}
            onClick={submit}
          >
            Add key
          </Button>
        </>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
        className="text-text-1"
      >
        <FormRow label="Name" hint="What the key is for" problem={problems.name}>
          <Field
            value={draft.name}
            onChange={(name) => change({ name })}
            autoFocus
            maxLength={80}
            placeholder="Laptop"
            width="w-44"
          />
        </FormRow>
        <ProfileChoice
          chosen={draft.profileIds}
          onChange={(profileIds) => change({ profileIds })}
          problem={problems.profileIds}
        />
        <FormRow label="Expires after" hint="Empty: never" problem={problems.days}>
          <Field
            value={draft.days}
            onChange={(days) => change({ days })}
            inputMode="numeric"
            unit="days"
            width="w-44"
          />
        </FormRow>
        <FormRow
          label="Token limit"
          hint="Prompts and answers in all. Empty: no limit"
          problem={problems.tokens}
        >
          <Field
            value={draft.tokens}
            onChange={(tokens) => change({ tokens })}
            inputMode="numeric"
            unit="tokens"
            width="w-44"
          />
        </FormRow>
        {/* Enter in a field adds the key. */}
        <button type="submit" hidden />
      </form>
      {add.error && <ErrorBlock className="mt-3" sentence={errorSentence(add.error)} />}
    </Dialog>
  );
}

interface ProfileChoiceProps {
  readonly chosen: readonly string[] | undefined;
  readonly onChange: (chosen: readonly string[] | undefined) => void;
  readonly problem: string | undefined;
}

/** Every profile, or those that are ticked. */
function ProfileChoice({ chosen, onChange, problem }: ProfileChoiceProps) {
  const profiles = useLive((data) => data.profiles);
  const id = useId();
  return (
    <>
      <FormRow label="Profiles" problem={problem}>
        <Segmented
          value={chosen === undefined ? 'all' : 'some'}
          options={[
            { value: 'all', label: 'All' },
            {
              value: 'some',
              label: 'Selected',
              reason: profiles.length === 0 ? 'There are no profiles' : undefined,
            },
          ]}
          onChange={(which) => onChange(which === 'all' ? undefined : [])}
        />
      </FormRow>
      {chosen && (
        <ul
          aria-label="Profiles"
          className="mb-1.5 max-h-32 overflow-y-auto rounded-field bg-bg-group px-3 py-1"
        >
          {profiles.map((profile) => (
            <li key={profile.id} className="flex h-6 items-center gap-2">
              <Checkbox
                id={`${id}-${profile.id}`}
                checked={chosen.includes(profile.id)}
                onChange={(checked) =>
                  onChange(
                    checked
                      ? [...chosen, profile.id]
                      : chosen.filter((other) => other !== profile.id),
                  )
                }
              />
              <label htmlFor={`${id}-${profile.id}`} className="min-w-0 flex-1 truncate">
                {profile.name}
              </label>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
