import type { Input, RawInput } from '@shared/contract';
import type { ServerProfile } from '@shared/domain/profile';
import {
  FIELD_DEFAULTS,
  FIELD_NAMES,
  type FieldsWith,
  isLocalField,
  type ProfileField,
} from '@shared/domain/profile-fields';

/** Every field of a profile but its place in the list, which is changed by dragging. */
type FormField = Exclude<ProfileField, 'order'>;

const FORM_FIELDS = FIELD_NAMES.filter((field): field is FormField => field !== 'order');

/** A number that cannot be read as one yet stays as it was typed; variables, arguments and names are text. */
type Typed<Field extends FormField> =
  Field extends FieldsWith<{ kind: 'number' }>
    ? number | string | undefined
    : Field extends FieldsWith<{ kind: 'variables' | 'arguments' | 'names' }>
      ? string
      : Readonly<ServerProfile[Field]>;

/** A profile as it stands in the form. */
export type ProfileDraft = { readonly [Field in FormField]: Typed<Field> };

/** What a new profile begins with. */
export function newDraft(port: number | undefined, model: string): ProfileDraft {
  return { ...FIELD_DEFAULTS, aliases: '', env: '', extraArgs: '', name: '', model, port };
}

/** A stored profile in the form. */
export function draftOf(profile: ServerProfile): ProfileDraft {
  const fields = Object.fromEntries(FORM_FIELDS.map((field) => [field, profile[field]]));
  return {
    ...(fields as Pick<ServerProfile, FormField>),
    env: envText(profile.env),
    extraArgs: profile.extraArgs.join('\n'),
    aliases: profile.aliases.join(', '),
  };
}

/** Whether the form has a place for a message about this field; `env.TOKEN` belongs to `env`. */
export function isFormField(name: string): boolean {
  return FORM_FIELDS.some((field) => name === field || name.startsWith(`${field}.`));
}

/** Names with commas between them. */
const names = (text: string): string[] =>
  text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');

const lines = (text: string): string[] => text.split('\n').filter((line) => line.trim() !== '');

/** Variables as `NAME=value` lines. */
export function envText(env: Readonly<Record<string, string>>): string {
  return Object.entries(env)
    .map(([key, value]) => `${key}=${value}`)
    .join('\n');
}

/** `NAME=value` lines as a map; a line without `=` is a name without a value. */
export function parseEnv(text: string): Record<string, string> {
  return Object.fromEntries(
    lines(text).map((line) => {
      const at = line.indexOf('=');
      return at < 0 ? [line.trim(), ''] : [line.slice(0, at).trim(), line.slice(at + 1)];
    }),
  );
}

/** What is sent to be checked, shown or saved; local fields only where they may be set. */
export function draftValues(draft: ProfileDraft, local: boolean): Record<string, unknown> {
  const values = {
    ...draft,
    env: parseEnv(draft.env),
    extraArgs: lines(draft.extraArgs),
    aliases: names(draft.aliases),
  };
  const sent = FORM_FIELDS.filter(
    (field) => values[field] !== undefined && (local || !isLocalField(field)),
  );
  return Object.fromEntries(sent.map((field) => [field, values[field]]));
}

/** Only what differs from the stored profile. */
export function draftChanges(
  draft: ProfileDraft,
  stored: ProfileDraft,
  local: boolean,
): Record<string, unknown> {
  const before = draftValues(stored, local);
  return Object.fromEntries(
    Object.entries(draftValues(draft, local)).filter(
      ([key, value]) => JSON.stringify(value) !== JSON.stringify(before[key]),
    ),
  );
}

/** What the changed fields are in the stored profile. */
export function baseOf(
  changes: Readonly<Record<string, unknown>>,
  stored: ProfileDraft,
  local: boolean,
): Record<string, unknown> {
  const before = draftValues(stored, local);
  return Object.fromEntries(Object.keys(changes).map((field) => [field, before[field]]));
}

export type CreateInput = RawInput<'profiles.create'>;
export type UpdateInput = Input<'profiles.update'>['changes'];
