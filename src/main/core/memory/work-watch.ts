import type { ServerSample } from '@shared/domain/metrics';

import { BUSY_CORE_SHARE } from '../metrics/cpu-share';

/** By the monotonic clock, ms: the first and the last of the looks in a row that showed work. */
interface Work {
  readonly from: number;
  readonly to: number;
  readonly isOver: boolean;
}

/** Looks closer than this to the one before say little about the CPU. */
const LOOK_MS = 500;
/** Work that lasts is work: a shorter one may be the token that the manager itself asks an idle server for. */
const LASTS_MS = 900;

/** Which servers do something, as their use of the CPU shows: an engine that generates feeds the GPU with it. */
export class WorkWatch {
  #work = new Map<string, Work>();
  #lookedAt = Number.NEGATIVE_INFINITY;

  /** @param at by the monotonic clock, ms. */
  note(samples: readonly ServerSample[], at: number): void {
    if (at - this.#lookedAt < LOOK_MS) return;
    this.#lookedAt = at;
    this.#work = new Map(
      samples.flatMap(({ profileId, cpuPercent }): [string, Work][] => {
        const before = this.#work.get(profileId);
        if ((cpuPercent ?? 0) < BUSY_CORE_SHARE * 100) {
          return before ? [[profileId, { ...before, isOver: true }]] : [];
        }
        const from = before && !before.isOver ? before.from : at;
        return [[profileId, { from, to: at, isOver: false }]];
      }),
    );
  }

  /** It did something when it was last looked at. */
  isBusy(profileId: string): boolean {
    return this.#work.get(profileId)?.isOver === false;
  }

  /** It is at work, beyond a question for one token. */
  works(profileId: string): boolean {
    const work = this.#work.get(profileId);
    return work !== undefined && !work.isOver && work.to - work.from >= LASTS_MS;
  }

  /** When the last sign of work was, by the monotonic clock, ms; undefined where there was none. */
  lastWorkedAt(profileId: string): number | undefined {
    return this.#work.get(profileId)?.to;
  }
}
