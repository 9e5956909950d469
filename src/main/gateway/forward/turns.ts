/** Sessions that are remembered; the one that was used longest ago goes first. */
const SESSIONS = 2000;
/** A title is asked for up to a second before the turn that it is for (measured of OpenCode). */
const TURN_COMES_MS = 1500;

interface SessionTurns {
  running: number;
  /** Whoever waits for a turn to begin or to end. */
  readonly waiting: Set<() => void>;
}

/**
 * Lets a person's turn go before the side calls of the same session: an engine with one slot would otherwise make the
 * person wait until the title is written.
 */
export class Turns {
  readonly #sessions = new Map<string, SessionTurns>();

  /** A person's turn begins; what it returns ends it. */
  begin(session: string): () => void {
    const turns = this.#of(session);
    turns.running += 1;
    wake(turns);
    return () => {
      turns.running -= 1;
      wake(turns);
    };
  }

  /** Resolves when a side call of the session may go. Rejects with the signal's reason. */
  async giveWay(session: string, signal: AbortSignal): Promise<void> {
    const isNew = !this.#sessions.has(session);
    const turns = this.#of(session);
    if (isNew) await changed(turns, signal, TURN_COMES_MS);
    while (turns.running > 0) await changed(turns, signal);
  }

  #of(session: string): SessionTurns {
    const turns = this.#sessions.get(session) ?? { running: 0, waiting: new Set() };
    this.#sessions.delete(session);
    this.#sessions.set(session, turns);
    for (const [oldest, { running, waiting }] of this.#sessions) {
      if (this.#sessions.size <= SESSIONS) break;
      if (running === 0 && waiting.size === 0) this.#sessions.delete(oldest);
    }
    return turns;
  }
}

function wake({ waiting }: SessionTurns): void {
  for (const resume of [...waiting]) resume();
}

/** Resolves when a turn begins or ends, or after the time. */
async function changed(turns: SessionTurns, signal: AbortSignal, limitMs?: number): Promise<void> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const abort = (): void => reject(signal.reason);
  const timer = limitMs === undefined ? undefined : setTimeout(resolve, limitMs);
  signal.addEventListener('abort', abort, { once: true });
  turns.waiting.add(resolve);
  try {
    await promise;
  } finally {
    clearTimeout(timer);
    turns.waiting.delete(resolve);
    signal.removeEventListener('abort', abort);
  }
}
