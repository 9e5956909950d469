import type { Dialect } from '@shared/gateway/record';
import type { Doors, KeyEntry } from '@shared/gateway/target';
import type { Refusal } from '../conversation/refusal';
import { bodyLength, bodyRefusal, framingRefusal, hasBody } from './framing';
import { type Headers, readHeaders } from './headers';
import { checkKey, presentedKeys } from './keys';
import { LIMITS, type Limits } from './limits';
import {
  corsHeaders,
  hostRefusal,
  isFromHere,
  isPreflight,
  originRefusal,
  type Place,
  preflightHeaders,
} from './origin';
import { dialectOf, type Found, refusalOf, type Route, routeOf } from './routes';

/** A request before its body, as Node gives it. */
export interface Head {
  readonly method: string;
  /** The request target as it came. */
  readonly url: string;
  /** Names and values in turn, doubled ones included. */
  readonly rawHeaders: readonly string[];
}

/** May come in. */
export interface Admitted {
  readonly kind: 'admitted';
  readonly route: Route;
  /** What stands for `{id}` in the route's path. */
  readonly id?: string | undefined;
  readonly dialect: Dialect;
  readonly headers: Headers;
  /** The key that counts; undefined where none was needed. */
  readonly key: KeyEntry | undefined;
  readonly isFromHere: boolean;
  /** Bytes that the body will have, where the head says so. */
  readonly bodyBytes: number | undefined;
  /** The client waits for `100 Continue` before it sends the body. */
  readonly expectsContinue: boolean;
  /** Headers that the answer has to carry beside its own. */
  readonly answerHeaders: Readonly<Record<string, string>>;
}

/** Stays outside. */
export interface TurnedAway {
  readonly kind: 'refused';
  readonly dialect: Dialect;
  readonly refusal: Refusal;
  /**
   * The connection ends with the answer: nobody can say where the next request begins, or the body that follows is
   * too large to be read only to be dropped.
   */
  readonly closes: boolean;
  /** As of {@link Admitted}; the refusal has headers of its own. */
  readonly answerHeaders: Readonly<Record<string, string>>;
}

/** A browser asks what a page of an allowed origin may send: 204 with these headers and no body. */
export interface PreflightAnswered {
  readonly kind: 'preflight';
  readonly answerHeaders: Readonly<Record<string, string>>;
}

export type Admission = Admitted | TurnedAway | PreflightAnswered;

/** A body up to this size is read and dropped after a refusal, so that its connection can be kept, bytes. */
const DROPPED_BYTES = 1024 * 1024;

/**
 * Every check of a request before a byte of its body is read, in this order: where it ends, for whom it is, which
 * page sent it, what it wants, what its body will be, with which key. Pure; `now` is Unix ms.
 */
export function admit(
  { method, url, rawHeaders }: Head,
  place: Place,
  doors: Doors,
  now: number,
  limits: Limits = LIMITS,
): Admission {
  const headers = readHeaders(rawHeaders);
  const found = routeOf(method, url);
  const dialect = dialectOf(found, headers);
  const refuse = (refusal: Refusal, isBroken = false): TurnedAway => ({
    ...{ kind: 'refused', dialect, refusal },
    closes: isBroken || !canBeDropped(headers),
    // A page of a name that is not served gets nothing to read.
    answerHeaders: refusal.status === 421 ? {} : corsHeaders(headers, doors),
  });

  const broken = framingRefusal(url, rawHeaders, headers, limits);
  if (broken) return refuse(broken, true);
  const foreign = hostRefusal(headers, place, doors) ?? originRefusal(headers, doors);
  if (foreign) return refuse(foreign);
  const asked = isPreflight(method, headers) ? routeWithAnyMethod(found) : undefined;
  if (asked && !hasBody(headers)) {
    return { kind: 'preflight', answerHeaders: preflightHeaders(asked, headers, doors) };
  }
  if (found.kind !== 'route') {
    return refuse(refusalOf(found, method, url));
  }
  const { route, id } = found;
  const body = bodyRefusal(route, headers, limits);
  if (body) return refuse(body);
  const fromHere = isFromHere(headers, place);
  const check = route.needsKey
    ? checkKey(presentedKeys(headers), doors, now, fromHere)
    : ({ kind: 'passed', key: undefined } as const);
  if (check.kind === 'refused') return refuse(check.refusal);
  return {
    ...{ kind: 'admitted', route, id, dialect, headers, key: check.key, isFromHere: fromHere },
    bodyBytes: bodyLength(headers),
    expectsContinue: headers.has('expect'),
    answerHeaders: corsHeaders(headers, doors),
  };
}

function routeWithAnyMethod(found: Found): Route | undefined {
  return found.kind === 'unknown' ? undefined : found.route;
}

/** Whether what follows is short enough to be read for nothing. A client that waits for a word sends nothing. */
function canBeDropped(headers: Headers): boolean {
  if (headers.has('transfer-encoding')) return false;
  return (bodyLength(headers) ?? 0) <= DROPPED_BYTES && !headers.has('expect');
}
