import { FIELD_NAMES, OPEN_FIELDS, type ProfileField } from '@shared/domain/profile-fields';
import { z } from 'zod';

import {
  type ServerProfile,
  ServerProfileCreate,
  ServerProfileCreateLocal,
} from '@shared/domain/profile';
import type { FieldProblem } from '@shared/errors';

import { fieldProblems, parseInput } from '../validation/validation';
import type { Scope } from './profile-rules';

export type Input = ServerProfileCreate & Partial<ServerProfileCreateLocal>;
type Raw = Record<string, unknown>;

/** What stands for the fields that a draft cannot be without. */
export const PLACEHOLDERS = { name: 'New profile', model: 'demo' } as const;

/** A draft as far as it can be used, and what was refused of it. */
export interface ReadDraft {
  /** The draft without what was refused; undefined when nothing can be made of the rest. */
  readonly input: Input | undefined;
  readonly refused: readonly FieldProblem[];
}

/** A draft over what is stored; unknown and unfinished fields are problems, not errors. */
export function readDraft(
  before: ServerProfile | undefined,
  draft: Readonly<Raw>,
  scope: Scope,
): ReadDraft {
  const schema = scope.local ? ServerProfileCreateLocal : ServerProfileCreate;
  const stored = before ? openOrLocalFields(before, scope) : {};
  const whole = parseInput(schema, { ...stored, ...draft });
  if (whole.success) return { input: whole.data, refused: [] };
  const usable = { ...PLACEHOLDERS, ...stored, ...without(draft, whole.error) };
  return { input: schema.safeParse(usable).data, refused: fieldProblems(whole.error) };
}

function openOrLocalFields(profile: ServerProfile, scope: Scope): Raw {
  const fields: readonly ProfileField[] = scope.local ? FIELD_NAMES : OPEN_FIELDS;
  return Object.fromEntries(fields.map((field) => [field, profile[field]]));
}

const RawRecord = z.record(z.string(), z.unknown());

/** The draft without the fields that an error names; of options and variables only the named ones go. */
function without(draft: Readonly<Raw>, error: z.ZodError): Raw {
  const rest: Raw = { ...draft };
  for (const issue of error.issues) {
    const [field, key] = issue.path.map(String);
    if (issue.code === 'unrecognized_keys') for (const name of issue.keys) delete rest[name];
    if (field === undefined) continue;
    const record = key === undefined ? undefined : asRecord(rest[field]);
    if (record === undefined || key === undefined) delete rest[field];
    else {
      const { [key]: _, ...others } = record;
      rest[field] = others;
    }
  }
  return rest;
}

function asRecord(value: unknown): Raw | undefined {
  return Array.isArray(value) ? undefined : RawRecord.safeParse(value).data;
}
