import type { LoginItem } from '@shared/domain/desktop';

/** What macOS says of a login item (SMAppService.Status). */
export type SystemStatus = 'enabled' | 'not-registered' | 'requires-approval' | 'not-found';

/** What decides whether this build can be opened at login. */
export interface LoginItemFacts {
  readonly isMac: boolean;
  readonly isPackaged: boolean;
  /** The system's word; only read where the two above hold. */
  readonly status: SystemStatus | undefined;
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
  // It is not found before it was first switched on; whether it can be is only known when that is tried.
  return { status: status === undefined || status === 'not-found' ? 'not-registered' : status };
}
