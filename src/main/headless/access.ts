import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Why a request is not looked at any further. */
export interface Refusal {
  readonly status: number;
  readonly message: string;
}

/** The names under which this machine alone reaches the port; anything else may be a rebound name. */
export function allowedHosts(port: number): ReadonlySet<string> {
  return new Set([`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`]);
}

/**
 * The checks that come before everything else: exact Host, then an Origin that is exactly ours, then the
 * browser's own word on where the request comes from. `navigation`: a static GET, which a link on
 * another page of this machine may open.
 */
export function refuseForeign(
  request: IncomingMessage,
  hosts: ReadonlySet<string>,
  navigation: boolean,
): Refusal | undefined {
  const host = onlyHost(request);
  if (host === undefined || !hosts.has(host)) {
    return { status: 421, message: 'This address is not served here.' };
  }
  const { origin } = request.headers;
  if (origin !== undefined && origin !== `http://${host}`) {
    return { status: 403, message: 'Requests from other pages are refused.' };
  }
  const site = request.headers['sec-fetch-site'];
  if (site === 'cross-site' || (site === 'same-site' && !navigation)) {
    return { status: 403, message: 'Requests from other pages are refused.' };
  }
  return undefined;
}

/** The Host header, or undefined when there is none or more than one. */
function onlyHost(request: IncomingMessage): string | undefined {
  const names = request.rawHeaders.filter((_, index) => index % 2 === 0);
  const count = names.filter((name) => name.toLowerCase() === 'host').length;
  return count === 1 ? request.headers.host?.toLowerCase() : undefined;
}

/** Compares by hash, so that neither length nor content shows in the time it takes. */
export function isSameSecret(given: string, expected: string): boolean {
  return timingSafeEqual(sha256(given), sha256(expected));
}

/** The token of `Authorization: Bearer ...`. */
export function bearerToken(request: IncomingMessage): string | undefined {
  return /^Bearer ([\x21-\x7e]{1,512})$/i.exec(request.headers.authorization ?? '')?.[1];
}

/**
 * The key of a login: a page keeps it for its own origin and sends it as a header, or with a WebSocket, which takes
 * no headers, as one of its protocols.
 */
export function loginKey(request: IncomingMessage): string | undefined {
  const header = request.headers['x-mlx-manager-key'];
  if (typeof header === 'string') return header;
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',');
  return offered.map((one) => /^\s*key\.([\w-]{1,512})\s*$/.exec(one)?.[1]).find(Boolean);
}

/** One cookie of the request. */
export function cookieOf(request: IncomingMessage, name: string): string | undefined {
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const at = pair.indexOf('=');
    if (at !== -1 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return undefined;
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
