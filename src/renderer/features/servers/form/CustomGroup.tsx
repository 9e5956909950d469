import { Field } from '@renderer/components/Field';
import { FormGroup, FormRow } from '@renderer/components/Form';
import { Switch } from '@renderer/components/Switch';
import type { ProfileDraft } from './draft';

interface CustomGroupProps {
  readonly draft: ProfileDraft;
  readonly set: (changes: Partial<ProfileDraft>) => void;
  readonly problem: (field: string) => string | undefined;
  readonly local: boolean;
}

/** A program of one's own: what it is, and how it shows that it is ready. */
export function CustomGroup({ draft, set, problem, local }: CustomGroupProps) {
  const { custom } = draft;
  if (draft.engine !== 'custom' || !custom) return null;
  const change = (changes: Partial<typeof custom>) => set({ custom: { ...custom, ...changes } });
  return (
    <FormGroup
      title="Custom command"
      note="Enter its arguments under Extra arguments. {port}, {host} and {model} are replaced with the profile's values."
    >
      <FormRow
        label="Program"
        hint="The absolute path of the program."
        field="custom.command"
        problem={problem('custom.command')}
      >
        <Field
          mono
          width="w-64"
          value={custom.command}
          disabled={!local}
          onChange={(command) => change({ command })}
        />
      </FormRow>
      <FormRow
        label="Ready at"
        hint="The path that returns 200 when the program is ready."
        field="custom.readinessPath"
        problem={problem('custom.readinessPath')}
      >
        <Field
          mono
          value={custom.readinessPath}
          disabled={!local}
          onChange={(readinessPath) => change({ readinessPath })}
        />
      </FormRow>
      <FormRow
        label="Answers chat"
        hint="MLX Manager requests a token before marking it ready."
        field="custom.chat"
        problem={problem('custom.chat')}
      >
        <Switch checked={custom.chat} disabled={!local} onChange={(chat) => change({ chat })} />
      </FormRow>
    </FormGroup>
  );
}
