import type { Machine } from '@shared/domain/metrics';

/** What the machine of the manager is called, which need not be the one that shows the page: `this Mac`. */
export function thisMachine({ platform }: Pick<Machine, 'platform'>): string {
  return platform === 'darwin' ? 'this Mac' : 'this machine';
}
