import { describeValue } from '@shared/describe-value';
import type { Doors } from '@shared/gateway/target';
import type { Refusal } from '../conversation/refusal';
import { type Headers, onlyValue } from './headers';
import { allowedMethods, type Route } from './routes';

/** What is known of the connection, from its socket. */
export interface Place {
  readonly localPort: number;
  /** The address at which it arrived. */
  readonly localAddress: string | undefined;
  readonly remoteAddress: string | undefined;
}

/** Seconds for which a browser may remember the answer to a preflight. */
const PREFLIGHT_SECONDS = '600';
/** What a page may read of an answer beside its body. */
const READABLE = 'retry-after, request-id, x-request-id';
/** Headers that a proxy or a tunnel adds: the request only looks as if it came from this machine. */
const FORWARDED = ['forwarded', 'x-forwarded-for'] as const;

/**
 * The exact Host, in every mode: a page whose name was rebound to this machine still sends its own name. Beside
 * loopback and the names that the person allowed, the very address counts at which the connection arrived: a name
 * can be rebound, an address cannot.
 */
export function hostRefusal(headers: Headers, place: Place, doors: Doors): Refusal | undefined {
  const host = onlyValue(headers, 'host')?.toLowerCase();
  const isServed =
    host !== undefined &&
    (isOwnName(host, place) || host === literalHost(place) || isIn(doors.hosts, host));
  if (isServed) return undefined;
  const message = `The Host header ${describeValue(host)} isn't served here. Use an address that the gateway shows, or add the name to the allowed hosts in its settings.`;
  return { status: 421, code: 'invalid_host', message };
}

/**
 * Pages of other origins: an Origin must be allowed by name, on each request and not only the first one. Where
 * there is none, the browser's own word counts; Node's fetch sends `sec-fetch-mode` too, so that one says nothing.
 */
export function originRefusal(headers: Headers, doors: Doors): Refusal | undefined {
  if (headers.has('origin')) {
    if (allowedOrigin(headers, doors) !== undefined) return undefined;
    const origin = describeValue(headers.get('origin')?.[0]);
    const message = `Pages of the origin ${origin} can't use this gateway. Add the origin to the allowed ones in the settings if you trust it.`;
    return { status: 403, code: 'origin_not_allowed', message };
  }
  const site = headers.get('sec-fetch-site')?.[0];
  if (site === undefined || site === 'none' || site === 'same-origin') return undefined;
  const message = "Requests from pages of other sites can't use this gateway.";
  return { status: 403, code: 'origin_not_allowed', message };
}

/** Whether the browser asks what a page may send: answered without a key, since it never sends one. */
export function isPreflight(method: string, headers: Headers): boolean {
  return (
    method === 'OPTIONS' && headers.has('origin') && headers.has('access-control-request-method')
  );
}

/**
 * Headers of each answer to a page of an allowed origin, refusals included, so that the page can read why. Never `*`
 * and never with credentials; nothing for anybody else.
 */
export function corsHeaders(headers: Headers, doors: Doors): Readonly<Record<string, string>> {
  const origin = allowedOrigin(headers, doors);
  if (origin === undefined) return {};
  return {
    'access-control-allow-origin': origin,
    'access-control-expose-headers': READABLE,
    vary: 'Origin',
  };
}

/** The answer to the preflight of an allowed origin. */
export function preflightHeaders(
  route: Route,
  headers: Headers,
  doors: Doors,
): Readonly<Record<string, string>> {
  const origin = allowedOrigin(headers, doors);
  if (origin === undefined) return {};
  const asked = headers.get('access-control-request-headers') ?? [];
  // The SDKs send a dozen of their own (x-stainless-...), which no list keeps up with. They mean nothing here.
  const names = asked
    .flatMap((value) => value.split(','))
    .map((name) => name.trim().toLowerCase())
    .filter((name) => /^[a-z0-9-]{1,64}$/.test(name));
  const isPrivate = onlyValue(headers, 'access-control-request-private-network') === 'true';
  return {
    'access-control-allow-origin': origin,
    'access-control-allow-methods': allowedMethods(route).join(', '),
    'access-control-max-age': PREFLIGHT_SECONDS,
    vary: 'Origin, Access-Control-Request-Headers, Access-Control-Request-Private-Network',
    ...(names.length === 0 ? {} : { 'access-control-allow-headers': names.join(', ') }),
    ...(isPrivate ? { 'access-control-allow-private-network': 'true' } : {}),
  };
}

/**
 * Whether a request comes from a program of this machine. One that asked for another name than loopback's, or that
 * a proxy or tunnel passed on, comes from somewhere else, whatever its socket says: tunnels are commonly told to
 * send `Host: localhost`.
 */
export function isFromHere(headers: Headers, place: Place): boolean {
  const host = onlyValue(headers, 'host')?.toLowerCase();
  return (
    host !== undefined &&
    isOwnName(host, place) &&
    isLoopback(place.remoteAddress) &&
    !FORWARDED.some((name) => headers.has(name))
  );
}

/** Whether an address of a socket is this machine's loopback; an IPv4 one may come as `::ffff:127.0.0.1`. */
export function isLoopback(address: string | undefined): boolean {
  return address !== undefined && (address === '::1' || /^127\./.test(withoutPrefix(address)));
}

function allowedOrigin(headers: Headers, doors: Doors): string | undefined {
  const origin = onlyValue(headers, 'origin');
  // `null` is the origin of every sandboxed page and every file.
  return origin !== undefined && origin !== 'null' && isIn(doors.origins, origin)
    ? origin
    : undefined;
}

function isOwnName(host: string, { localPort }: Place): boolean {
  return (
    host === `127.0.0.1:${localPort}` ||
    host === `localhost:${localPort}` ||
    host === `[::1]:${localPort}`
  );
}

function literalHost({ localAddress, localPort }: Place): string | undefined {
  if (localAddress === undefined) return undefined;
  const plain = withoutPrefix(localAddress).toLowerCase();
  return `${plain.includes(':') ? `[${plain}]` : plain}:${localPort}`;
}

function withoutPrefix(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '');
}

function isIn(list: readonly string[], text: string): boolean {
  return list.includes(text);
}
