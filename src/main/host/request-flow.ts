/** Requests of one connection that are answered at once; more wait in their order. */
const MAX_UNDER_WAY = 32;
/** Who has this much unread takes no more answers: none are made, until it reads. */
const MAX_UNREAD_BYTES = 1024 * 1024;

interface Source {
  /** Stops and goes on reading from the connection. */
  readonly pause: () => void;
  readonly resume: () => void;
  /** Bytes that the other side has not taken. */
  readonly unread: () => number;
  /** Runs a request in the background, with whoever looks after it. */
  readonly run: (work: () => Promise<void>) => void;
}

/**
 * The requests of one connection: a few at a time, and none while the answers to earlier ones lie unread. Whoever
 * sends more than is answered is read from no further, so that it keeps its requests itself and the others are
 * served meanwhile.
 */
export class RequestFlow {
  readonly #source: Source;
  readonly #waiting: (() => Promise<void>)[] = [];
  #underWay = 0;
  #isPaused = false;

  constructor(source: Source) {
    this.#source = source;
  }

  /** Answers a request when it is its turn. */
  take(answer: () => Promise<void>): void {
    this.#waiting.push(answer);
    this.goOn();
  }

  /** To be called when something was read on the other side. */
  goOn(): void {
    while (this.#mayBegin()) {
      const next = this.#waiting.shift();
      if (next === undefined) break;
      this.#underWay += 1;
      this.#source.run(async () => {
        try {
          await next();
        } finally {
          this.#underWay -= 1;
          this.goOn();
        }
      });
    }
    const isFull = this.#waiting.length > 0 || !this.#mayBegin();
    if (isFull === this.#isPaused) return;
    this.#isPaused = isFull;
    if (isFull) this.#source.pause();
    else this.#source.resume();
  }

  /** The connection has ended: nobody waits for the answers any more. */
  end(): void {
    this.#waiting.length = 0;
  }

  #mayBegin(): boolean {
    return this.#underWay < MAX_UNDER_WAY && this.#source.unread() < MAX_UNREAD_BYTES;
  }
}
