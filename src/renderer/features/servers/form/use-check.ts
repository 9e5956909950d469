import { useMemo } from 'react';

import { useDebouncedValue } from '@renderer/components/use-debounced-value';
import { useIsLocal } from '@renderer/live/use-live';
import { useRpcQuery } from '@renderer/queries/use-rpc';
import { fieldSentence } from '@renderer/text/field-text';
import { type ProfileDraft, draftValues } from './draft';

export interface FieldMessage {
  readonly field: string;
  readonly message: string;
  readonly rule?: string | undefined;
}

export interface Check {
  readonly problems: readonly FieldMessage[];
  readonly warnings: readonly FieldMessage[];
  /** The draft that is in the form has been judged. */
  readonly current: boolean;
  /** Why it could not be judged. */
  readonly error: Error | null;
}

/** What the manager would refuse, asked again shortly after each change. */
export function useCheck(draft: ProfileDraft, profileId: string | undefined): Check {
  const local = useIsLocal();
  const settled = useDebouncedValue(draft);
  const input = useMemo(
    () => ({ ...(profileId ? { profileId } : {}), draft: draftValues(settled, local) }),
    [settled, profileId, local],
  );
  const check = useRpcQuery('profiles.check', input, { keep: true });
  return {
    problems: check.data?.problems ?? [],
    warnings: check.data?.warnings ?? [],
    current: settled === draft && check.isSuccess && !check.isPlaceholderData,
    error: check.error,
  };
}

/** The message of a field; options are named `options.KEY`. */
export function messageOf(messages: readonly FieldMessage[], field: string): string | undefined {
  const found = messages.find((one) => one.field === field);
  return found && fieldSentence(found);
}
