/** A request that waits for a server. */
export interface Waiter {
  readonly ask: number;
  readonly profileId: string;
  readonly isSideCall: boolean;
  /** By the monotonic clock, ms. */
  readonly since: number;
  /** Its place, as it was told last. */
  told?: string;
}

/** Requests that wait, in the order in which they came. */
export class Waiters {
  readonly #all = new Map<number, Waiter>();

  get size(): number {
    return this.#all.size;
  }

  add(waiter: Waiter): void {
    this.#all.set(waiter.ask, waiter);
  }

  /** Whether it was there. */
  delete(ask: number): boolean {
    return this.#all.delete(ask);
  }

  clear(): void {
    this.#all.clear();
  }

  all(): Waiter[] {
    return [...this.#all.values()];
  }

  of(profileId: string): Waiter[] {
    return this.all().filter((waiter) => waiter.profileId === profileId);
  }

  /** Profiles that are waited for: those that a person waits for first, the longest waiting before the others. */
  profileIds(): string[] {
    const sorted = this.all().sort(
      (a, b) => Number(a.isSideCall) - Number(b.isSideCall) || a.since - b.since,
    );
    return [...new Set(sorted.map(({ profileId }) => profileId))];
  }
}
