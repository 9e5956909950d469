import type { ServerProfile } from '@shared/domain/profile';
import type { Server } from '@shared/domain/server';
import { isServing } from '@shared/domain/server-state';

import type { Clock } from '../../ports';
import type { Resident } from './make-room';

/** When each profile's server was used and what its load took, as far as this manager saw it. */
export class UsageBook {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #underWay = new Map<string, number>();
  /** By the monotonic clock, ms. */
  readonly #lastUsed = new Map<string, number>();
  readonly #readyAt = new Map<string, number>();
  readonly #loadMs = new Map<string, number>();
  /** Seconds without a request after which it may go, as the last request that said so. */
  readonly #askedTtl = new Map<string, number>();

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /** Requests under way of all profiles. */
  get underWay(): number {
    return [...this.#underWay.values()].reduce((sum, count) => sum + count, 0);
  }

  noteUnderWay(profileId: string, count: number): void {
    if (count === 0) this.#underWay.delete(profileId);
    else this.#underWay.set(profileId, count);
    this.#lastUsed.set(profileId, this.#clock.monotonic());
  }

  noteTtl(profileId: string, seconds: number): void {
    this.#askedTtl.set(profileId, seconds);
  }

  noteServer({ profileId, state, readySeconds }: Server): void {
    if (!isServing(state)) {
      this.#readyAt.delete(profileId);
      return;
    }
    if (this.#readyAt.has(profileId)) return;
    this.#readyAt.set(profileId, this.#clock.monotonic());
    if (readySeconds !== undefined) this.#loadMs.set(profileId, readySeconds * 1000);
  }

  /** What the last load took, ms; undefined while none was seen. */
  loadMs(profileId: string): number | undefined {
    return this.#loadMs.get(profileId);
  }

  /** Ms without a request after which it is unloaded; undefined: never. */
  ttlMs({ id, ttlSeconds }: ServerProfile): number | undefined {
    const seconds = this.#askedTtl.get(id) ?? ttlSeconds;
    return seconds > 0 ? seconds * 1000 : undefined;
  }

  /** The server as one that could be unloaded. @param waiting requests that wait for it. */
  resident(profile: ServerProfile, { profileId, state }: Server, waiting: number): Resident {
    const readyAt = this.#readyAt.get(profileId) ?? this.#clock.monotonic();
    return {
      profileId,
      wanted: (this.#underWay.get(profileId) ?? 0) + waiting,
      isPinned: profile.pinned,
      isServing: isServing(state),
      isEnding: state === 'draining' || state === 'stopping',
      lastUsedAt: Math.max(readyAt, this.#lastUsed.get(profileId) ?? 0),
      readyAt,
      loadMs: this.#loadMs.get(profileId) ?? 0,
    };
  }

  /** The thread that held the requests is gone, and they with it. */
  forgetRequests(): void {
    this.#underWay.clear();
  }

  /** Forgets profiles that no longer exist. */
  keepOnly(exists: (profileId: string) => boolean): void {
    for (const map of [this.#lastUsed, this.#readyAt, this.#loadMs, this.#askedTtl]) {
      for (const profileId of map.keys()) if (!exists(profileId)) map.delete(profileId);
    }
  }
}
