import type { FromDataPlane, ToDataPlane, Unavailable } from '@shared/gateway/plane';
import type { Address, Directory, Target } from '@shared/gateway/target';

/** What a request says of itself when it wants a profile's server. */
export interface Wish {
  readonly profileId: string;
  readonly isSideCall: boolean;
  readonly session?: string | undefined;
  readonly ttlSeconds?: number | undefined;
  /** The client is gone. */
  readonly signal: AbortSignal;
  /** Told when the request has to wait, and whenever its place changes. */
  readonly onWaiting?: (place: Place) => void;
}

export interface Place {
  readonly position: number;
  /** What a load of it took the last time, s. */
  readonly expectedSeconds?: number | undefined;
}

/** The right to send one request to a server. Whoever holds it calls `leave` once, whatever happened. */
export interface Entry {
  readonly address: Address;
  /** Ms that it waited, for its turn and for the load together. */
  readonly waitedMs: number;
  readonly leave: () => void;
}

/** Why a request got no server. */
export class NotAvailable extends Error {
  constructor(readonly why: Unavailable) {
    super(why.message);
    this.name = 'NotAvailable';
  }
}

interface Asking {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
  readonly onWaiting?: ((place: Place) => void) | undefined;
}

const EMPTY: Directory = {
  version: 0,
  targets: [],
  doors: { hosts: [], origins: [], requireKey: true, keys: [] },
};

/**
 * Where requests wait for a server and are counted while they use it. A profile whose server is ready lets them in at
 * once; the control plane is asked for the others. A profile can be shut: then nobody comes in, and the control plane
 * knows that what it counted is all there is, so it can stop the server without ending an answer.
 */
export class Desk {
  readonly #post: (message: FromDataPlane) => void;
  readonly #underWay = new Map<string, number>();
  readonly #toTell = new Set<string>();
  readonly #shut = new Map<string, PromiseWithResolvers<void>>();
  readonly #metrics = new Map<number, (text: string) => void>();
  readonly #asking = new Map<number, Asking>();
  #directory = EMPTY;
  #targets = new Map<string, Target>();
  #next = 1;
  #isTelling = false;

  constructor(post: (message: FromDataPlane) => void) {
    this.#post = post;
  }

  get directory(): Directory {
    return this.#directory;
  }

  /** Requests under way and requests that wait: zero when nothing is left. */
  get books(): { readonly underWay: number; readonly waiting: number } {
    const underWay = [...this.#underWay.values()].reduce((sum, count) => sum + count, 0);
    return { underWay, waiting: this.#asking.size };
  }

  underWayOf(profileId: string): number {
    return this.#underWay.get(profileId) ?? 0;
  }

  /**
   * Resolves when the profile's server may be used.
   * @param mustAsk the address in the directory did not answer: only the control plane knows what is true.
   * @throws NotAvailable; the signal's reason.
   */
  async enter(wish: Wish, { mustAsk = false } = {}): Promise<Entry> {
    const { profileId, signal } = wish;
    const began = performance.now();
    for (let asks = mustAsk; ; asks = true) {
      await this.#door(profileId, signal);
      if (asks || !this.#targets.get(profileId)?.address) await this.#ask(wish);
      signal.throwIfAborted();
      // It may have been shut or stopped since: nothing is taken for ready that is not so in this moment.
      const address = this.#targets.get(profileId)?.address;
      if (address && !this.#shut.has(profileId)) return this.#enter(profileId, address, began);
    }
  }

  /** The text for Prometheus, which the control plane has. */
  metricsText(): Promise<string> {
    const ask = this.#next++;
    const { promise, resolve } = Promise.withResolvers<string>();
    this.#metrics.set(ask, resolve);
    this.#post({ type: 'metrics', ask });
    return promise;
  }

  take(message: ToDataPlane): void {
    switch (message.type) {
      case 'directory':
        this.#directory = message.directory;
        this.#targets = new Map(message.directory.targets.map((one) => [one.profileId, one]));
        break;
      case 'ready':
        this.#settle(message.ask)?.resolve();
        break;
      case 'waiting': {
        const { position, expectedSeconds } = message;
        this.#asking.get(message.ask)?.onWaiting?.({ position, expectedSeconds });
        break;
      }
      case 'unavailable':
        this.#settle(message.ask)?.reject(new NotAvailable(message.why));
        break;
      case 'shut':
        if (!this.#shut.has(message.profileId)) {
          this.#shut.set(message.profileId, Promise.withResolvers());
        }
        this.#post({ ...message, underWay: this.underWayOf(message.profileId) });
        break;
      case 'open':
        this.#shut.get(message.profileId)?.resolve();
        this.#shut.delete(message.profileId);
        break;
      case 'metrics':
        this.#metrics.get(message.ask)?.(message.text);
        this.#metrics.delete(message.ask);
        break;
      case 'listen':
      case 'close':
        break;
    }
  }

  async #door(profileId: string, signal: AbortSignal): Promise<void> {
    for (;;) {
      const shut = this.#shut.get(profileId);
      if (!shut) return;
      await orAborted(shut.promise, signal);
    }
  }

  async #ask({
    profileId,
    isSideCall,
    session,
    ttlSeconds,
    signal,
    onWaiting,
  }: Wish): Promise<void> {
    signal.throwIfAborted();
    const ask = this.#next++;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#asking.set(ask, { resolve, reject, onWaiting });
    this.#post({ type: 'ask', ask, profileId, isSideCall, session, ttlSeconds });
    try {
      await orAborted(promise, signal);
    } finally {
      if (this.#settle(ask)) this.#post({ type: 'withdraw', ask });
    }
  }

  #settle(ask: number): Asking | undefined {
    const asking = this.#asking.get(ask);
    this.#asking.delete(ask);
    return asking;
  }

  #enter(profileId: string, address: Address, began: number): Entry {
    this.#count(profileId, 1);
    let isIn = true;
    return {
      address,
      waitedMs: performance.now() - began,
      leave: () => {
        if (!isIn) return;
        isIn = false;
        this.#count(profileId, -1);
      },
    };
  }

  /** Many changes of one moment are told together: the exact number of a moment is asked for by `shut`. */
  #count(profileId: string, change: number): void {
    const count = this.underWayOf(profileId) + change;
    if (count === 0) this.#underWay.delete(profileId);
    else this.#underWay.set(profileId, count);
    this.#toTell.add(profileId);
    if (this.#isTelling) return;
    this.#isTelling = true;
    setImmediate(() => {
      this.#isTelling = false;
      for (const id of this.#toTell) {
        this.#post({ type: 'underWay', profileId: id, count: this.underWayOf(id) });
      }
      this.#toTell.clear();
    });
  }
}

/** Rejects with the signal's reason as soon as that is aborted, whatever becomes of the work. */
async function orAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
