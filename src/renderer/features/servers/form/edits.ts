import type { Edits } from '@renderer/domain/servers/drafts';
import { type Clash, mergeChanges, sameValue } from '@shared/domain/merge-changes';
import { envText, parseEnv, type ProfileDraft } from './draft';

type Values = Readonly<Record<string, unknown>>;

const OPTION = 'options.';

/** Every value of the form by its field, each option for itself. */
function valuesOf({ options, ...fields }: ProfileDraft): Values {
  const own = Object.entries(options).map(([key, value]) => [`${OPTION}${key}`, value]);
  return { ...fields, ...Object.fromEntries(own) };
}

/** What differs from the stored profile; a field that was changed before keeps what it was changed from. */
export function editsOf(draft: ProfileDraft, stored: ProfileDraft, before: Edits): Edits {
  const [now, old] = [valuesOf(draft), valuesOf(stored)];
  const fields = [...new Set([...Object.keys(old), ...Object.keys(now)])];
  return Object.fromEntries(
    fields
      .filter((field) => !sameValue(now[field], old[field]))
      .map((field) => {
        const earlier = before[field];
        return [field, { base: earlier ? earlier.base : old[field], value: now[field] }];
      }),
  );
}

/** The stored profile with the edits on it: what others changed in other fields is in it too. */
export function withEdits(stored: ProfileDraft, edits: Edits): ProfileDraft {
  const fields: Record<string, unknown> = { ...stored };
  const options: Record<string, unknown> = { ...stored.options };
  for (const [field, edit] of Object.entries(edits)) {
    if (!field.startsWith(OPTION)) fields[field] = edit.value;
    else if (edit.value === undefined) delete options[field.slice(OPTION.length)];
    else options[field.slice(OPTION.length)] = edit.value;
  }
  if (edits.env) fields.env = mergedEnv(stored.env, edits.env) ?? edits.env.value;
  // The edits were made of drafts.
  return { ...fields, options } as unknown as ProfileDraft;
}

/** Values that somebody else saved while they were edited here, each to another one. */
export function clashesOf(stored: ProfileDraft, edits: Edits): Clash[] {
  const now = valuesOf(stored);
  return Object.entries(edits)
    .filter(([field, { base, value }]) => {
      if (sameValue(now[field], base) || sameValue(now[field], value)) return false;
      return field !== 'env' || mergedEnv(stored.env, { base, value }) === undefined;
    })
    .map(([field, { base, value }]) => ({ field, base, stored: now[field], given: value }));
}

/** The edits without one, which is given up for what is stored. */
export function withoutEdit(edits: Edits, field: string): Edits {
  const { [field]: _, ...others } = edits;
  return others;
}

/** The edits with one that counts in spite of what somebody else saved. */
export function insistingOn(edits: Edits, stored: ProfileDraft, field: string): Edits {
  const edit = edits[field];
  return edit ? { ...edits, [field]: { ...edit, base: valuesOf(stored)[field] } } : edits;
}

/** The edits that were not sent, or were changed again since. */
export function editsSince(edits: Edits, sent: Edits): Edits {
  return Object.fromEntries(
    Object.entries(edits).filter(
      ([field, { value }]) => !(field in sent && sameValue(value, sent[field]?.value)),
    ),
  );
}

/** The variables of both; undefined where both changed the same one. */
function mergedEnv(stored: string, { base, value }: Edits[string]): string | undefined {
  if (stored === base) return String(value);
  const [now, was, mine] = [stored, String(base), String(value)].map(parseEnv);
  const { changes, clashes } = mergeChanges({ env: now }, { env: mine }, { env: was });
  return clashes.length > 0 ? undefined : envText(changes.env as Record<string, string>);
}
