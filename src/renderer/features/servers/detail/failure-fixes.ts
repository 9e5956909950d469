import { canPerform } from '@renderer/domain/servers/server-actions';
import type { Server } from '@shared/domain/server';
import type { Action } from '@shared/errors';

/** Asks the manager for a start: what can always be tried after a failure. */
const START_AGAIN: Action = { id: 'retry', label: 'Start again' };

/** A run with less memory is for once; its profile is mended by hand. */
const EDIT: Action = { id: 'edit_options', label: 'Edit the options' };

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
  const able = action && canPerform(action) ? [action] : [];
  const own = action?.id === 'safe_mode' ? [...able, EDIT] : able;
  // A new try is not offered twice, and not while the manager tries by itself.
  const again = state === 'failed' && action?.id !== 'retry' ? [START_AGAIN] : [];
  return {
    advice: action && own.length === 0 ? action.label : undefined,
    fixes: [...own, ...again],
    mends: own.length > 0,
  };
}
