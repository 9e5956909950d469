import { Field, NumberField } from '@renderer/components/Field';
import { FormRow } from '@renderer/components/Form';
import { PROFILE_FIELDS } from '@shared/domain/profile-fields';
import type { Proposal } from './use-proposal';

/** What the first server is called and where it listens. */
export function ServerChoices({ proposal }: { readonly proposal: Proposal }) {
  const { name, port } = proposal;
  const { min, max } = PROFILE_FIELDS.port;
  const isPort = port !== undefined && Number.isInteger(port) && port >= min && port <= max;
  return (
    <div className="px-3">
      <FormRow label="Name" problem={name.trim() === '' && 'Enter a name.'}>
        <Field value={name} onChange={proposal.setName} maxLength={PROFILE_FIELDS.name.maxLength} />
      </FormRow>
      <FormRow label="Port" problem={!isPort && `Enter a whole number from ${min} to ${max}.`}>
        <NumberField value={port} onChange={(value) => proposal.setPort(value)} />
      </FormRow>
    </div>
  );
}
