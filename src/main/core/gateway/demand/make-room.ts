import type { FitReport } from '@shared/domain/memory';

/** A server that could be unloaded, as the gateway knows it. */
export interface Resident {
  readonly profileId: string;
  /** Requests that it answers now, and requests that wait for it. */
  readonly wanted: number;
  readonly isPinned: boolean;
  /** It answers: one that loads is never unloaded for another. */
  readonly isServing: boolean;
  /** It is being stopped: what it has is free in a moment. */
  readonly isEnding: boolean;
  /** By the monotonic clock, ms: the end of its last request, or when it became ready. */
  readonly lastUsedAt: number;
  readonly readyAt: number;
  /** What a load of it takes, ms. */
  readonly loadMs: number;
}

export type RoomPlan =
  /** These are unloaded first, longest unused first. */
  | { readonly kind: 'unload'; readonly profileIds: readonly string[] }
  /** These have had their turn and are asked again and again: no new request is let in, and they go when they are free. */
  | { readonly kind: 'drain'; readonly profileIds: readonly string[] }
  /** There will be room: at this time of the monotonic clock, or when a request ends. */
  | { readonly kind: 'wait'; readonly until?: number }
  /** Not even without all that may go. */
  | { readonly kind: 'never' };

/**
 * Which servers make room for one that does not fit. Never one that answers, that is pinned or that loads; and each keeps a turn of at least the time that loading it took, so that two models that do not fit together
 * are not unloaded for each other all the time.
 *
 * @param report what is missing, and what each server would free (`does_not_fit` carries it).
 */
export function planRoom(
  report: Pick<FitReport, 'shortBytes' | 'stoppable'>,
  residents: readonly Resident[],
  now: number,
): RoomPlan {
  const frees = new Map(report.stoppable.map((one) => [one.profileId, one.freesBytes]));
  const mayGo = residents
    .filter((one) => !one.isPinned && frees.has(one.profileId))
    .sort((a, b) => a.lastUsedAt - b.lastUsedAt);
  const bytesOf = ({ profileId }: Resident): number => frees.get(profileId) ?? 0;
  const sum = (all: readonly Resident[]): number =>
    all.reduce((bytes, one) => bytes + bytesOf(one), 0);
  if (sum(mayGo) < report.shortBytes) {
    return residents.some((one) => one.isEnding) ? { kind: 'wait' } : { kind: 'never' };
  }
  const isFree = (one: Resident): boolean => one.isServing && one.wanted === 0;
  const free = mayGo.filter((one) => isFree(one) && turnEnds(one) <= now);
  if (sum(free) >= report.shortBytes) {
    return { kind: 'unload', profileIds: fewest(free, bytesOf, report.shortBytes) };
  }
  const ends = mayGo.filter((one) => one.isServing && turnEnds(one) > now).map(turnEnds);
  if (ends.length > 0) return { kind: 'wait', until: Math.min(...ends) };
  // Each has had its turn: one that is never idle would keep the others out for good.
  const hadTurn = mayGo.filter((one) => one.isServing && turnEnds(one) <= now);
  return sum(hadTurn) >= report.shortBytes
    ? { kind: 'drain', profileIds: fewest(hadTurn, bytesOf, report.shortBytes) }
    : { kind: 'wait' };
}

const turnEnds = ({ readyAt, loadMs }: Resident): number => readyAt + loadMs;

/** The longest unused ones up to what is missing, without those that the others make needless. */
function fewest(
  free: readonly Resident[],
  bytesOf: (one: Resident) => number,
  shortBytes: number,
): string[] {
  const chosen: Resident[] = [];
  let bytes = 0;
  for (const one of free) {
    if (bytes >= shortBytes) break;
    chosen.push(one);
    bytes += bytesOf(one);
  }
  // The one that was used last is spared first.
  for (const one of [...chosen].reverse()) {
    if (bytes - bytesOf(one) < shortBytes) continue;
    chosen.splice(chosen.indexOf(one), 1);
    bytes -= bytesOf(one);
  }
  return chosen.map(({ profileId }) => profileId);
}
