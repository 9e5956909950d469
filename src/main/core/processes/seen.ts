import type { Seen } from '../ports/processes';

export function known<T>(value: T): Seen<T> {
  return { known: true, value };
}

export function unknown(reason: string): Seen<never> {
  return { known: false, reason };
}

/** The same answer about something else; an unknown one stays unknown. */
export function mapSeen<A, B>(seen: Seen<A>, map: (value: A) => B): Seen<B> {
  return seen.known ? known(map(seen.value)) : seen;
}
