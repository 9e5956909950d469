import type { UpdateState } from '@shared/domain/desktop';

/** What happens to an update. */
export type UpdateEvent =
  | { readonly type: 'checking' }
  | { readonly type: 'none'; readonly at: string }
  | { readonly type: 'found'; readonly version: string; readonly at: string }
  | { readonly type: 'progress'; readonly fraction: number }
  | { readonly type: 'downloaded'; readonly version: string }
  | { readonly type: 'failed'; readonly message: string; readonly at: string };

/** What decides whether this build updates itself. */
export interface UpdateFacts {
  readonly isMac: boolean;
  readonly isPackaged: boolean;
  /** Whether the application carries the signature of a team: Squirrel refuses to replace one that does not. */
  readonly isSigned: boolean;
  /** Whether the package says where updates come from. */
  readonly hasFeed: boolean;
}

/** Why this build is not updated by itself; undefined when it is. */
export function whyNoUpdates(facts: UpdateFacts): string | undefined {
  if (!facts.isPackaged) return 'MLX Manager is running from source. Update the checkout.';
  if (!facts.isMac) return 'Updates are available in the macOS app.';
  if (!facts.isSigned) {
    return "This build isn't signed, so it can't update itself. Install a release to get updates.";
  }
  return facts.hasFeed ? undefined : 'This build has no update address.';
}

/** Pure: what is true after an event. One that is ready stays ready: a later look must not take it away. */
export function updateAfter(state: UpdateState, event: UpdateEvent): UpdateState {
  if (state.state === 'off') return state;
  if (state.state === 'ready') {
    return event.type === 'downloaded' ? { ...state, version: event.version } : state;
  }
  const checkedAt = state.checkedAt === undefined ? {} : { checkedAt: state.checkedAt };
  switch (event.type) {
    case 'checking':
      return { state: 'checking', ...checkedAt };
    case 'none':
      return { state: 'current', checkedAt: event.at };
    case 'found':
      return { state: 'downloading', version: event.version, fraction: 0, checkedAt: event.at };
    case 'progress':
      return state.state === 'downloading' ? { ...state, fraction: event.fraction } : state;
    case 'downloaded':
      return { state: 'ready', version: event.version, ...checkedAt };
    case 'failed':
      return { state: 'failed', message: event.message, checkedAt: event.at };
  }
}
