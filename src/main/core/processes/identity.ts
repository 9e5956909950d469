import type { ProcessInfo } from '../ports/processes';

/** What tells a process apart from every other, also after its number was used again. */
export type Identity = Pick<ProcessInfo, 'pid' | 'startTime'>;

/** Whether `a` and `b` are the same process, not merely the same number. */
export function isSameProcess(a: Identity, b: Identity | undefined): boolean {
  return b !== undefined && a.pid === b.pid && isSameStart(a.startTime, b.startTime);
}

/**
 * The start of a process by the wall clock of UTC, with microseconds where the system told them. It depends
 * on no time zone and no language, and a person can read it in a record.
 */
export function startTimeText(seconds: number, microseconds?: number): string {
  const whole = new Date(seconds * 1000).toISOString().slice(0, 19);
  const fraction = microseconds === undefined ? '' : `.${String(microseconds).padStart(6, '0')}`;
  return `${whole}${fraction}Z`;
}

/**
 * `ps` knows whole seconds only, and the one of Linux works the time of the boot out anew at each start, so
 * that what it says of one process may differ by a second from one call to the next.
 */
const COARSE_TOLERANCE_SECONDS = 1;

/**
 * Whether the starts of two processes can be compared at all: one may not have been told, or may have been written
 * by an earlier version in another form. That they differ proves nothing then.
 */
export function isComparable(a: Identity, b: Identity): boolean {
  const [first, second] = [a, b].map(({ startTime }) => formOf(startTime));
  return first !== undefined && first === second;
}

function formOf(startTime: string): 'ticks' | 'time' | undefined {
  if (/^\d+$/.test(startTime)) return 'ticks';
  return parseStart(startTime) ? 'time' : undefined;
}

function isSameStart(a: string, b: string): boolean {
  if (a === b) return a !== '';
  const [first, second] = [parseStart(a), parseStart(b)];
  if (!first || !second || (first.isExact && second.isExact)) return false;
  return Math.abs(first.seconds - second.seconds) <= COARSE_TOLERANCE_SECONDS;
}

/** Undefined for every other form, such as the clock ticks that Linux counts. */
function parseStart(text: string): { seconds: number; isExact: boolean } | undefined {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{6})?Z$/.exec(text);
  if (!match) return undefined;
  return { seconds: Date.parse(`${match[1]}Z`) / 1000, isExact: match[2] !== undefined };
}
