import type { Download } from '@shared/domain/download';

import { sleep } from '../clock';
import type { Clock } from '../ports';
import { backoffMs, type Trouble } from './trouble';

/** Answers 5xx in a row, with nothing between them. */
const MAX_SERVER_TROUBLES = 6;

/** How long the connections of a run wait before they ask again. They wait together: one trouble is met once. */
export class RunPatience {
  readonly #clock: Clock;
  readonly #stop: AbortSignal;
  #rounds = 0;
  /** Ms of the monotonic clock. */
  #until = 0;
  /** The hub itself said when it may be asked again. */
  #isTold = false;
  /** Ended when the machine has slept. */
  #awake = new AbortController();
  #shown: Download['waiting'];

  /** @param stop ends every wait, with its reason. */
  constructor(clock: Clock, stop: AbortSignal) {
    this.#clock = clock;
    this.#stop = stop;
  }

  /** What is waited for. */
  get shown(): Download['waiting'] {
    return this.#shown;
  }

  /** Something else holds a file up. */
  show(message: string): void {
    this.#shown = { message };
  }

  /** Bytes came: others that were under way may still bring some while new requests have to wait. */
  brought(): void {
    if (this.#until > this.#clock.monotonic()) return;
    this.#rounds = 0;
    this.#shown = undefined;
  }

  /** Waits as the trouble wants it. @throws DomainError of a hub whose own problem does not end. */
  async meet(trouble: Trouble): Promise<void> {
    const now = this.#clock.monotonic();
    if (this.#until <= now) {
      this.#rounds += 1;
      if (trouble.kind === 'server' && this.#rounds > MAX_SERVER_TROUBLES) throw trouble.error;
      const ms = trouble.kind === 'wait' ? trouble.ms : backoffMs(this.#rounds, Math.random());
      this.#until = now + ms;
      this.#isTold = trouble.kind === 'wait';
      const until = new Date(this.#clock.now() + ms).toISOString();
      this.#shown = { message: sentenceOf(trouble), until };
    }
    await this.over();
  }

  /** Resolves when requests may go out. Rejects with the reason of the stop. */
  async over(): Promise<void> {
    for (;;) {
      this.#stop.throwIfAborted();
      const ms = this.#until - this.#clock.monotonic();
      if (ms <= 0) return;
      await sleep(this.#clock, ms, AbortSignal.any([this.#stop, this.#awake.signal]));
    }
  }

  /** After a sleep of the machine the network is tried at once, never before the hub's own time. */
  woke(): void {
    const until = Date.parse(this.#shown?.until ?? '');
    if (!this.#isTold || until <= this.#clock.now()) {
      this.#until = 0;
      this.#rounds = 0;
    }
    this.#awake.abort();
    this.#awake = new AbortController();
  }
}

function sentenceOf(trouble: Trouble): string {
  if (trouble.kind === 'server') return trouble.error.message;
  const isSaid = trouble.kind === 'wait' || trouble.kind === 'network';
  return isSaid ? trouble.message : 'It is tried again.';
}
