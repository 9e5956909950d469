import { describeValue } from '@shared/describe-value';
import type { Refusal } from '../conversation/refusal';
import type { Headers } from './headers';
import { LIMITS, type Limits, tooLarge } from './limits';
import type { Route } from './routes';

/** Headers by which the end of a request, or who sent it, is told: two of one are two opinions on that. */
const ONCE = [
  'content-length',
  'transfer-encoding',
  'content-type',
  'content-encoding',
  'expect',
  'origin',
  'sec-fetch-site',
] as const;

/**
 * What of a head makes it unclear where the request ends, or is more than a head may be. After such a refusal
 * nothing on the connection can be trusted any more: it is closed.
 */
export function framingRefusal(
  target: string,
  rawHeaders: readonly string[],
  headers: Headers,
  limits: Limits = LIMITS,
): Refusal | undefined {
  const length = rawHeaders.reduce((sum, text) => sum + text.length, target.length);
  if (rawHeaders.length / 2 > limits.headers || length > limits.headBytes) {
    const message = `A request may have at most ${limits.headers} headers and ${limits.headBytes} bytes of them.`;
    return { status: 431, code: 'headers_too_large', message };
  }
  if (target.length > limits.targetBytes) {
    const message = `The path and query must have at most ${limits.targetBytes} bytes.`;
    return { status: 414, code: 'url_too_long', message };
  }
  // The form with a whole address is for proxies, and would bring a second host.
  if (!/^\/[\x21-\x7e]*$/.test(target)) {
    return bad(`The request target must begin with / and be ASCII; got ${describeValue(target)}.`);
  }
  const doubled = ONCE.find((name) => (headers.get(name)?.length ?? 0) > 1);
  if (doubled !== undefined) return bad(`The header ${doubled} must be sent only once.`);
  return lengthRefusal(headers) ?? expectRefusal(headers) ?? upgradeRefusal(headers);
}

/** Bytes of the body by its `Content-Length`; undefined where it does not say. */
export function bodyLength(headers: Headers): number | undefined {
  const text = headers.get('content-length')?.[0];
  return text === undefined ? undefined : Number(text);
}

/** Whether a body follows the head. */
export function hasBody(headers: Headers): boolean {
  return headers.has('transfer-encoding') || (bodyLength(headers) ?? 0) > 0;
}

/** What of the body can be refused before a byte of it is read. */
export function bodyRefusal(
  route: Route,
  headers: Headers,
  limits: Limits = LIMITS,
): Refusal | undefined {
  if (!route.takesBody) {
    return hasBody(headers) ? bad('This request must not have a body.') : undefined;
  }
  const length = bodyLength(headers);
  if (length === undefined && !headers.has('transfer-encoding')) {
    const message = 'The request needs a JSON body, and a content-length header with its size.';
    return { status: 411, code: 'length_required', message };
  }
  if (length === 0) return bad('The request body is empty; it must be a JSON object.');
  if (length !== undefined && length > limits.bodyBytes) return tooLarge(limits.bodyBytes);
  return typeRefusal(headers);
}

function lengthRefusal(headers: Headers): Refusal | undefined {
  const length = headers.get('content-length')?.[0];
  const encoding = headers.get('transfer-encoding')?.[0];
  if (length !== undefined && encoding !== undefined) {
    return bad('Content-length and transfer-encoding must not be sent together.');
  }
  if (length !== undefined && !/^\d{1,15}$/.test(length)) {
    return bad(
      `The header content-length must be a number of bytes; got ${describeValue(length)}.`,
    );
  }
  if (encoding !== undefined && encoding.toLowerCase() !== 'chunked') {
    return bad(`The header transfer-encoding must be chunked; got ${describeValue(encoding)}.`);
  }
  return undefined;
}

function expectRefusal(headers: Headers): Refusal | undefined {
  const expect = headers.get('expect')?.[0];
  if (expect === undefined || expect.toLowerCase() === '100-continue') return undefined;
  const message = `The header expect must be 100-continue; got ${describeValue(expect)}.`;
  return { status: 417, code: 'expectation_failed', message };
}

/**
 * Nothing is upgraded. Java's HttpClient offers `h2c` with every first plain request and goes on in HTTP/1.1 where
 * the offer is passed over (RFC 9110, 7.8), so that one is; whoever wants a WebSocket hears that there is none.
 */
function upgradeRefusal(headers: Headers): Refusal | undefined {
  const offers = (headers.get('upgrade') ?? []).flatMap((value) => value.split(','));
  const other = offers.find((offer) => offer.trim().toLowerCase() !== 'h2c');
  if (other === undefined) return undefined;
  return {
    status: 400,
    code: 'upgrade_not_supported',
    message: `The gateway speaks plain HTTP; upgrades to ${describeValue(other.trim())} aren't supported.`,
  };
}

/**
 * JSON alone, and named so: a page of another origin can send `text/plain`, a form or nothing at all as the type
 * without asking first, but not this one. Every client that was measured sends it.
 */
function typeRefusal(headers: Headers): Refusal | undefined {
  const type = headers.get('content-type')?.[0];
  const [media = '', ...parameters] = (type ?? '').split(';').map((part) => part.trim());
  const charset = parameters.find((one) => /^charset=/i.test(one))?.slice('charset='.length);
  const isUtf8 = charset === undefined || /^"?(?:utf-?8|us-ascii)"?$/i.test(charset);
  if (media.toLowerCase() !== 'application/json' || !isUtf8) {
    const message = `The header content-type must be application/json in UTF-8; got ${describeValue(type)}.`;
    return { status: 415, code: 'unsupported_media_type', message };
  }
  const encoding = headers.get('content-encoding')?.[0];
  if (encoding === undefined || encoding.toLowerCase() === 'identity') return undefined;
  const message = `The request body must not be compressed; the header content-encoding was ${describeValue(encoding)}.`;
  return { status: 415, code: 'unsupported_media_type', message };
}

function bad(message: string): Refusal {
  return { status: 400, code: 'bad_request', message };
}
