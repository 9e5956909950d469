import type { RawInput } from '@shared/contract';

/** A key as it is typed; empty numbers: without a limit. */
export interface KeyDraft {
  readonly name: string;
  /** Ids of profiles; undefined: every one, those made later too. */
  readonly profileIds: readonly string[] | undefined;
  readonly days: string;
  readonly tokens: string;
}

export const NEW_KEY: KeyDraft = { name: '', profileIds: undefined, days: '', tokens: '' };

export interface KeyProblems {
  readonly name?: string;
  readonly profileIds?: string;
  readonly days?: string;
  readonly tokens?: string;
}

const MOST_DAYS = 3650;
const MOST_TOKENS = 1_000_000_000_000;

/** A whole number in a text, commas allowed; undefined where it is none or beyond its limit. */
function wholeNumber(text: string, most: number): number | undefined {
  const plain = text.trim().replaceAll(',', '');
  const value = Number(plain);
  return /^\d+$/.test(plain) && value >= 1 && value <= most ? value : undefined;
}

/** What must be corrected before the key can be made. Pure. */
export function keyProblems({ name, profileIds, days, tokens }: KeyDraft): KeyProblems {
  return {
    ...(name.trim() === '' && { name: 'Enter a name.' }),
    ...(profileIds?.length === 0 && { profileIds: 'Select at least one profile.' }),
    ...(days.trim() !== '' &&
      wholeNumber(days, MOST_DAYS) === undefined && {
        days: 'Enter a whole number of days from 1 to 3,650.',
      }),
    ...(tokens.trim() !== '' &&
      wholeNumber(tokens, MOST_TOKENS) === undefined && {
        tokens: 'Enter a whole number of tokens from 1 to 1,000,000,000,000.',
      }),
  };
}

/** What is asked of the manager, of a draft without problems. */
export function keyRequest(draft: KeyDraft): RawInput<'gateway.addKey'> {
  const days = wholeNumber(draft.days, MOST_DAYS);
  const tokens = wholeNumber(draft.tokens, MOST_TOKENS);
  return {
    name: draft.name.trim(),
    ...(draft.profileIds && { profileIds: [...draft.profileIds] }),
    ...(days !== undefined && { expiresDays: days }),
    ...(tokens !== undefined && { tokenQuota: tokens }),
  };
}
