import type { ContextFit, StoppableServer } from '@shared/domain/memory';

/** A server that could be stopped. */
export type Candidate = Omit<StoppableServer, 'suffices'>;

/** Longest idle first, those that work or load last; each with whether it alone is enough. */
export function stoppableServers(
  candidates: readonly Candidate[],
  shortBytes: number,
): StoppableServer[] {
  return [...candidates]
    .sort(byIdleness)
    .map((one) => ({ ...one, suffices: one.freesBytes >= shortBytes }));
}

function byIdleness(a: Candidate, b: Candidate): number {
  if (a.busy !== b.busy) return a.busy ? 1 : -1;
  return (a.idleSince ?? '~').localeCompare(b.idleSince ?? '~') || b.freesBytes - a.freesBytes;
}

/**
 * The fewest servers that free what is missing; of several such sets the one with the longest idle. Never
 * one that works or loads. Empty where nothing is missing, or all of them together are not enough.
 * @param servers in the order of {@link stoppableServers}.
 */
export function chooseToStop(servers: readonly Candidate[], shortBytes: number): string[] {
  if (shortBytes <= 0) return [];
  const idle = servers.filter(({ busy }) => !busy);
  const count = fewest(idle, shortBytes);
  if (count === undefined) return [];
  const chosen: Candidate[] = [];
  let missing = shortBytes;
  for (const [index, one] of idle.entries()) {
    if (chosen.length === count) break;
    // It may be taken where the largest of those behind it can make up for the rest.
    const others = largest(idle.slice(index + 1), count - chosen.length - 1);
    if (one.freesBytes + others < missing) continue;
    chosen.push(one);
    missing -= one.freesBytes;
  }
  return chosen.map(({ profileId }) => profileId);
}

function fewest(idle: readonly Candidate[], shortBytes: number): number | undefined {
  for (let count = 1; count <= idle.length; count++) {
    if (largest(idle, count) >= shortBytes) return count;
  }
  return undefined;
}

function largest(servers: readonly Candidate[], count: number): number {
  const sizes = servers.map(({ freesBytes }) => freesBytes).sort((a, b) => b - a);
  return sizes.slice(0, Math.max(0, count)).reduce((sum, bytes) => sum + bytes, 0);
}

/** Shorter than this is of little use. */
const SHORTEST = 2048;
/** Rows beside the one that is set. */
const SHORTER = 3;
/** A cache grows by so many tokens. */
const STEP = 256;

/**
 * The context that is set, and shorter powers of two: of those that are too long for `longest`, which fits,
 * the last one alone.
 */
export function contextsToShow(set: number, longest?: number): number[] {
  const shorter: number[] = [];
  for (let power = 2 ** 30; power >= SHORTEST && shorter.length < SHORTER; power /= 2) {
    const isFarTooLong = longest !== undefined && power / 2 > longest;
    if (power < set && !isFarTooLong) shorter.push(power);
  }
  return [set, ...shorter];
}

/** The longest context up to `most` that fits; undefined where not even the shortest does. */
export function longestContext(
  at: (context: number) => Pick<ContextFit, 'verdict'>,
  most: number,
): number | undefined {
  const fits = (context: number): boolean => at(context).verdict !== 'no';
  if (most <= 0) return undefined;
  if (fits(most)) return most;
  let [low, high] = [0, Math.ceil(most / STEP)];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (fits(middle * STEP)) low = middle;
    else high = middle;
  }
  return low === 0 ? undefined : low * STEP;
}
