import type { Download } from '@shared/domain/download';

import { sleep } from '../ports/clock';
import type { Clock } from '../ports';
import { backoffMs, type FetchError } from './classify-error';

/** Answers 5xx in a row, with nothing between them. */
const MAX_SERVER_ERRORS = 6;

/** How long the connections of a run wait before they ask again. They wait together: one problem is met once. */
export class RetrySchedule {
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
  downloaded(): void {
    if (this.#until > this.#clock.monotonic()) return;
    this.#rounds = 0;
    this.#shown = undefined;
  }

  /** Waits as the problem wants it. @throws DomainError of a hub whose own problem does not end. */
  async waitAfter(problem: FetchError): Promise<void> {
    const now = this.#clock.monotonic();
    if (this.#until <= now) {
      this.#rounds += 1;
      if (problem.kind === 'server' && this.#rounds > MAX_SERVER_ERRORS) throw problem.error;
      const ms = problem.kind === 'wait' ? problem.ms : backoffMs(this.#rounds, Math.random());
      this.#until = now + ms;
      this.#isTold = problem.kind === 'wait';
      const until = new Date(this.#clock.now() + ms).toISOString();
      this.#shown = { message: sentenceOf(problem), until };
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
  resumed(): void {
    const until = Date.parse(this.#shown?.until ?? '');
    if (!this.#isTold || until <= this.#clock.now()) {
      this.#until = 0;
      this.#rounds = 0;
    }
    this.#awake.abort();
    this.#awake = new AbortController();
  }
}

function sentenceOf(problem: FetchError): string {
  if (problem.kind === 'server') return problem.error.message;
  const isSaid = problem.kind === 'wait' || problem.kind === 'network';
  return isSaid ? problem.message : 'Trying again.';
}
