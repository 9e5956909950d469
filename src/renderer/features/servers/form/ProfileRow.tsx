import type { ComponentProps } from 'react';

import { FormRow } from '@renderer/components/Form';
import { PROFILE_FIELDS, type ProfileField } from '@shared/domain/profile-fields';
import type { ProfileDraft } from './draft';
import type { Check } from './use-check';

/** What the parts of the form need. */
export interface PartProps {
  readonly draft: ProfileDraft;
  readonly set: (changes: Partial<ProfileDraft>) => void;
  readonly check: Check;
  /** What is wrong with a field that was touched. */
  readonly problem: (field: string) => string | undefined;
}

interface ProfileRowProps extends Omit<ComponentProps<typeof FormRow>, 'label' | 'field'> {
  readonly field: ProfileField;
}

/** The row of a field, under the name that it has everywhere. */
export function ProfileRow({ field, ...row }: ProfileRowProps) {
  return <FormRow label={PROFILE_FIELDS[field].label} field={field} {...row} />;
}

/** The number of a field; what was typed and is none yet is kept by the field itself. */
export function asNumber(value: number | string | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

/** A number as it is typed: empty is not set, and what is no number is kept, so that it can be refused. */
export function typed(value: number | undefined, text: string): number | string | undefined {
  return value ?? (text.trim() === '' ? undefined : text);
}
