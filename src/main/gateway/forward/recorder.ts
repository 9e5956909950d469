import type { RequestRecord } from '@shared/gateway/record';

/** How often records go to the control plane, ms. */
const SEND_MS = 250;
/** So many go at once, without a wait. */
const BATCH = 500;

/** Collects what is told of requests, and sends it a few times a second. */
export class Recorder {
  readonly #send: (records: readonly RequestRecord[]) => void;
  #records: RequestRecord[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(send: (records: readonly RequestRecord[]) => void) {
    this.#send = send;
  }

  add(record: RequestRecord): void {
    this.#records.push(record);
    if (this.#records.length >= BATCH) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), SEND_MS);
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#records.length === 0) return;
    const records = this.#records;
    this.#records = [];
    this.#send(records);
  }
}
