import { siteName } from '@shared/domain/site-name';
import { DomainError } from '@shared/errors';
import { makeAction } from '@shared/errors/action';
import { CERTIFICATE_STORE } from '../ports/certificate-store';

/** What was asked for, as far as it is known, and how. */
export interface HubQuestion {
  /** Host of the hub. */
  readonly host: string;
  readonly ref?: string | undefined;
  readonly revision?: string | undefined;
  readonly file?: string | undefined;
  readonly hasToken: boolean;
  /** Why a token that was kept is not there. */
  readonly unreadToken?: string | undefined;
}

type Headers = (name: string) => string | undefined;

const SET_TOKEN = makeAction('set_token');

/**
 * The sentence for an answer that is no success, from the headers in which the hub says why.
 * @param now Unix time, ms.
 */
export function hubError(
  status: number,
  header: Headers,
  question: HubQuestion,
  now: number,
): DomainError {
  const code = header('x-error-code');
  const said = header('x-error-message') ?? '';
  const { host, hasToken } = question;
  const what = question.ref ?? siteName(host);
  const data = { status, ...(question.ref === undefined ? {} : { ref: question.ref }) };
  if (status === 429) return rateLimited(header, question, now);
  if (code === 'GatedRepo' || /is restricted|gated/i.test(said)) return gated(question, data);
  if (status === 401 && /invalid credentials/i.test(said)) {
    const message = `${siteName(host)} rejected this token. It may have been revoked or mistyped.`;
    return new DomainError('unauthorised', message, { action: SET_TOKEN, data });
  }
  if (status === 404 || code === 'RepoNotFound') return notFound(code, question, data);
  if (status === 401) {
    const message = hasToken
      ? `The token doesn't have access to ${what}.`
      : withReason(`${siteName(host)} requires a token for ${what}.`, question);
    return new DomainError('unauthorised', message, { action: SET_TOKEN, data });
  }
  if (status === 403) {
    const message = `${siteName(host)} denies access to ${what}${said === '' ? '.' : `: ${said}`}`;
    return new DomainError('unauthorised', message, { data });
  }
  if (status >= 500) {
    const message = `${siteName(host)} is having problems (error ${status}).`;
    return new DomainError('offline', message, { action: RETRY, data });
  }
  return new DomainError(
    'internal',
    `${siteName(host)} returned error ${status} for ${what}. ${said}`.trim(),
    {
      data,
    },
  );
}

const RETRY = makeAction('retry');

/** Without its reason, a person who gave us a token would be told to give us one. */
function withReason(sentence: string, { unreadToken }: HubQuestion): string {
  return unreadToken === undefined ? sentence : `${sentence} ${unreadToken}`;
}

function gated(question: HubQuestion, data: object): DomainError {
  const { ref, host, hasToken } = question;
  const what = ref ?? 'This model';
  const page = ref === undefined ? RETRY : makeAction('open_model_page', { ref });
  const message = hasToken
    ? `${what} is gated. Accept its license on ${siteName(host)} before you can download the files.`
    : withReason(
        `${what} is gated. It needs the token of an account that has accepted its license on ${siteName(host)}.`,
        question,
      );
  return new DomainError('gated', message, { action: hasToken ? page : SET_TOKEN, data });
}

function notFound(code: string | undefined, question: HubQuestion, data: object): DomainError {
  const { ref, revision, file, hasToken, host } = question;
  if (code === 'RevisionNotFound') {
    const message = `${ref ?? 'The model'} has no revision "${revision ?? ''}".`;
    return new DomainError('not_found', message, { data });
  }
  if (code === 'EntryNotFound') {
    return new DomainError('not_found', `${ref ?? 'The model'} has no file "${file ?? ''}".`, {
      data,
    });
  }
  const isPrivate = hasToken
    ? "or it is private and the token doesn't have access"
    : 'or it is private and needs a token';
  const message = withReason(
    `There is no model ${ref ?? ''} on ${siteName(host)}, ${isPrivate}.`,
    question,
  );
  return new DomainError('not_found', message, hasToken ? { data } : { action: SET_TOKEN, data });
}

function rateLimited(header: Headers, question: HubQuestion, now: number): DomainError {
  const seconds = retryAfterSeconds(header, now);
  const message = withReason(
    `${siteName(question.host)} is limiting requests. Try again in ${seconds} s${question.hasToken ? '' : ', or add a token for a higher limit'}.`,
    question,
  );
  return new DomainError('rate_limited', message, {
    action: RETRY,
    data: { retryAt: new Date(now + seconds * 1000).toISOString(), retrySeconds: seconds },
  });
}

/** Where nothing says how long to wait, s. */
const UNKNOWN_WAIT_S = 30;
/** The hub's own window is five minutes; nothing sensible is longer than this, s. */
const LONGEST_WAIT_S = 3600;

/** Seconds until the hub may be asked again: `Retry-After`, or the reset of its window. */
export function retryAfterSeconds(header: Headers, now: number): number {
  const after = header('retry-after');
  const reset = /;\s*t=(\d+)/.exec(header('ratelimit') ?? '')?.[1];
  const left = /;\s*r=(\d+)/.exec(header('ratelimit') ?? '')?.[1];
  const given = after === undefined ? undefined : secondsOf(after, now);
  const window = reset !== undefined && left === '0' ? Number(reset) + 1 : undefined;
  const seconds = Math.max(given ?? 0, window ?? 0) || UNKNOWN_WAIT_S;
  return Math.min(LONGEST_WAIT_S, Math.max(1, Math.ceil(seconds)));
}

function secondsOf(after: string, now: number): number | undefined {
  if (/^\d+$/.test(after)) return Number(after);
  const date = Date.parse(after);
  return Number.isNaN(date) ? undefined : (date - now) / 1000;
}

/** Reasons that are of this machine's network and not of the host. */
const NO_NETWORK = new Set(['ENOTFOUND', 'EAI_AGAIN', 'ENETUNREACH', 'ENETDOWN', 'EHOSTUNREACH']);

/** Errors of a TLS connection that stay until somebody changes something. */
const CERTIFICATE = /^(?:CERT_|ERR_TLS_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/;

/** Whether a reason ({@link reasonOf}) is that the other side could not prove who it is. */
export function isUntrusted(reason: string): boolean {
  return CERTIFICATE.test(reason);
}

/**
 * No answer came at all.
 * @param since when it was noticed first, Unix ms.
 */
export function offlineError(host: string, cause: unknown, since?: number): DomainError {
  const reason = reasonOf(cause);
  const message = isUntrusted(reason)
    ? `The connection to ${siteName(host)} isn't trusted (${reason}). If your company uses a proxy, add its certificate to ${CERTIFICATE_STORE} and restart MLX Manager.`
    : `Can't connect to ${siteName(host)} (${reason}). Everything on this machine still works.`;
  const silence =
    since === undefined
      ? {}
      : { data: { host, since: new Date(since).toISOString(), noNetwork: NO_NETWORK.has(reason) } };
  return new DomainError('offline', message, { action: RETRY, cause, ...silence });
}

/** The system's short name of what went wrong, such as ENOTFOUND, or its sentence. */
export function reasonOf(error: unknown): string {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    const { code } = at as NodeJS.ErrnoException;
    if (typeof code === 'string') return code;
    if (at.cause === undefined) return at.message;
  }
  return String(error);
}
