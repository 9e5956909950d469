import type { SessionSink } from '@core/rpc/session';
import type { EventFrame } from '@shared/rpc/frames';

/**
 * The events of one page, and how many bytes of them it has not taken yet. Electron holds in memory whatever is sent to
 * a page that does not read, as one whose script is busy, and tells nobody how much that is: so the page says what it
 * has taken.
 */
export class PageEvents implements SessionSink {
  readonly #send: (frame: EventFrame) => void;
  /** Bytes of each event under way by its number, the oldest first. */
  readonly #underWay = new Map<number, number>();
  #bytes = 0;

  constructor(send: (frame: EventFrame) => void) {
    this.#send = send;
  }

  send(frame: EventFrame): void {
    const bytes = Buffer.byteLength(JSON.stringify(frame));
    this.#underWay.set(frame.seq, bytes);
    this.#bytes += bytes;
    this.#send(frame);
  }

  backlog(): number {
    return this.#bytes;
  }

  /** @param seq number of an event: it and all before it have been taken. */
  taken(seq: number): void {
    for (const [sent, bytes] of this.#underWay) {
      // A page says what it likes, also what is no number.
      if (!(sent <= seq)) return;
      this.#underWay.delete(sent);
      this.#bytes -= bytes;
    }
  }
}
