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
      reason: 'Available on macOS. On other systems, use a system service.',
    };
  }
  if (!isPackaged) {
    return {
      status: 'unsupported',
      reason: 'MLX Manager is running from source. Install the app to open it at login.',
    };
  }
  // It is not found before it was first switched on; whether it can be is only known when that is tried.
  return { status: status === undefined || status === 'not-found' ? 'not-registered' : status };
}
