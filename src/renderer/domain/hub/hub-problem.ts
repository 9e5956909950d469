import { DomainError } from '@shared/errors';
import type { Action } from '@shared/errors/action';

/** What an error proposes to do. */
export function actionOf(error: Error): Action | undefined {
  return error instanceof DomainError ? error.action : undefined;
}

/** No answer comes at all: since when, and whether this machine has no network. */
export interface HubOutage {
  readonly host: string;
  readonly since: string;
  readonly noNetwork: boolean;
}

/** Undefined for an error of another kind: the hub answered, or the core did not ask it. */
export function outageOf(error: Error | undefined): HubOutage | undefined {
  if (!(error instanceof DomainError) || error.code !== 'offline') return undefined;
  const data: { host?: unknown; since?: unknown; noNetwork?: unknown } = Object(error.data);
  return typeof data.since === 'string' && typeof data.host === 'string'
    ? { host: data.host, since: data.since, noNetwork: data.noNetwork === true }
    : undefined;
}
