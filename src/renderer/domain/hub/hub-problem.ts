import { DomainError } from '@shared/errors';

/** An error, or the failure of a download, as far as a view acts on it. */
export interface HubProblem {
  readonly code: string;
  readonly message: string;
  readonly action?: { readonly id: string; readonly label: string } | undefined;
}

export function hubProblem(error: Error): HubProblem {
  return error instanceof DomainError
    ? { code: error.code, message: error.message, action: error.action }
    : { code: 'internal', message: error.message };
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
