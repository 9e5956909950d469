import { effectOf } from '@renderer/domain/actions/action-effect';
import type { Server } from '@shared/domain/server';
import { type Action, makeAction } from '@shared/errors/action';

interface Failed {
  readonly state: Server['state'];
  readonly failure?: { readonly action?: Action | undefined } | undefined;
}

export interface FailureFixes {
  /** What to do that no button can do: it is said instead. */
  readonly advice: string | undefined;
  /** The failure's own fix first. */
  readonly fixes: readonly Action[];
  /** The first fix mends the cause; it is not only a new try. */
  readonly mends: boolean;
}

/** What a view offers for a server's failure. */
export function failureFixes({ state, failure }: Failed): FailureFixes {
  const action = failure?.action;
  const isAdvice = action !== undefined && effectOf(action).kind === 'none';
  const able = action && !isAdvice ? [action] : [];
  // A run with less memory is for once; its profile is mended by hand.
  const own = action?.id === 'safe_mode' ? [...able, makeAction('edit_options', {})] : able;
  // A new try is not offered twice, and not while the manager tries by itself.
  const again = state === 'failed' && action?.id !== 'retry' ? [makeAction('retry')] : [];
  return {
    advice: isAdvice ? action.label : undefined,
    fixes: [...own, ...again],
    mends: own.length > 0,
  };
}
