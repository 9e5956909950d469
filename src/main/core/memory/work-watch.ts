import type { ServerSample } from '@shared/domain/metrics';

import { BUSY_CORE_SHARE } from '../servers/hang-policy';

interface Seen {
  /** Measurements in a row in which it worked. */
  readonly inARow: number;
  /** Unix ms of the last one of them; undefined where it never did. */
  readonly lastAt: number | undefined;
}

/** Two in a row are work: a single one may be the token that the manager itself asks an idle server for. */
const WORKS = 2;

/** Which servers do something, as their use of the CPU shows: an engine that generates feeds the GPU with it. */
export class WorkWatch {
  #seen = new Map<string, Seen>();

  /** @param at Unix ms. */
  note(samples: readonly ServerSample[], at: number): void {
    this.#seen = new Map(
      samples.map(({ profileId, cpuPercent }) => {
        const before = this.#seen.get(profileId);
        const worked = (cpuPercent ?? 0) >= BUSY_CORE_SHARE * 100;
        const seen = worked
          ? { inARow: (before?.inARow ?? 0) + 1, lastAt: at }
          : { inARow: 0, lastAt: before?.lastAt };
        return [profileId, seen];
      }),
    );
  }

  /** It did something when it was last looked at. */
  isBusy(profileId: string): boolean {
    return (this.#seen.get(profileId)?.inARow ?? 0) > 0;
  }

  /** It is at work, beyond a question for one token. */
  works(profileId: string): boolean {
    return (this.#seen.get(profileId)?.inARow ?? 0) >= WORKS;
  }

  /** Unix ms of the last sign of work; undefined where there was none. */
  lastWorkedAt(profileId: string): number | undefined {
    return this.#seen.get(profileId)?.lastAt;
  }
}
