import { useState } from 'react';

import { Disclosure } from '@renderer/components/Disclosure';
import { Field, TextArea } from '@renderer/components/Field';
import { useIsLocal } from '@renderer/live/use-live';
import { LOCAL_ONLY_HINT } from '@renderer/text/local-only';
import { FIELD_DEFAULTS } from '@shared/domain/profile-fields';
import { formatCount } from '@shared/format/counts';
import type { ProfileDraft } from './draft';
import { type PartProps, ProfileRow } from './ProfileRow';
import type { Check } from './use-check';

const FIELDS = ['env', 'extraArgs', 'host'] as const;

interface EnvironmentPartProps extends PartProps {
  /** A field to show at once. */
  readonly field: string | undefined;
}

const count = (text: string) => text.split('\n').filter((line) => line.trim() !== '').length;

function environmentSummary(draft: ProfileDraft): string {
  const parts = [
    count(draft.env) > 0 ? formatCount(count(draft.env), 'variable') : '',
    count(draft.extraArgs) > 0 ? formatCount(count(draft.extraArgs), 'argument') : '',
    draft.host === FIELD_DEFAULTS.host ? '' : draft.host,
  ].filter(Boolean);
  return parts.join(', ') || 'None';
}

/** Problems of a map or list are named by their entry, e.g. `env.TOKEN`. */
function within(problem: PartProps['problem'], check: Check, field: string) {
  const inside = check.problems.find((one) => one.field.startsWith(`${field}.`));
  return problem(field) ?? inside?.message;
}

/** What reaches the machine beyond the engine's own options. */
export function EnvironmentPart({ draft, set, problem, check, field }: EnvironmentPartProps) {
  const local = useIsLocal();
  const wanted = FIELDS.some((one) => one === field);
  const [env, extraArgs, host] = FIELDS.map((one) => within(problem, check, one));
  const [open, setOpen] = useState(wanted);
  const hint = (text: string) => (local ? text : LOCAL_ONLY_HINT);
  return (
    <Disclosure
      title="Environment, extra arguments and host"
      summary={environmentSummary(draft)}
      open={open || Boolean(env ?? extraArgs ?? host)}
      onOpenChange={setOpen}
    >
      <ProfileRow stacked field="env" hint={hint('One NAME=value per line.')} problem={env}>
        <TextArea value={draft.env} disabled={!local} onChange={(env) => set({ env })} />
      </ProfileRow>
      <ProfileRow
        stacked
        hint={hint(
          draft.engine === 'custom'
            ? 'One argument per line; {port}, {host} and {model} are filled in.'
            : 'One argument per line, added after all other options.',
        )}
        field="extraArgs"
        problem={extraArgs}
      >
        <TextArea
          value={draft.extraArgs}
          disabled={!local}
          onChange={(extraArgs) => set({ extraArgs })}
        />
      </ProfileRow>
      <ProfileRow
        field="host"
        hint={hint(`${FIELD_DEFAULTS.host} keeps it on this machine.`)}
        problem={host}
      >
        <Field mono value={draft.host} disabled={!local} onChange={(host) => set({ host })} />
      </ProfileRow>
    </Disclosure>
  );
}
