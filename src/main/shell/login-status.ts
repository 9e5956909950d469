import type { LoginItem } from '@shared/domain/desktop';

/** What decides whether this build can be opened at login. */
export interface LoginItemFacts {
  readonly isMac: boolean;
  readonly isPackaged: boolean;
  /** The system's word; only read where the two above hold. */
  readonly status: LoginItem['status'] | undefined;
}

/** Pure: the status as a view shows it. */
export function loginItem({ isMac, isPackaged, status }: LoginItemFacts): LoginItem {
  if (!isMac) {
    return {
      status: 'unsupported',
      reason: 'Opening at login is for macOS. Elsewhere a service of your system does it.',
    };
  }
  if (!isPackaged) {
    return {
      status: 'unsupported',
      reason: 'This runs from its source. The installed application can be opened at login.',
    };
  }
  return { status: status ?? 'not-found' };
}
