import { isSamePart, type TextPart } from './prompt-parts';

/** A prompt that was sent, and what the engine said of it once it had answered. */
export interface SentPrompt {
  readonly parts: readonly TextPart[];
  /** Number of the server's run that got it. */
  readonly run: number;
  /** Tokens of it; undefined until the engine told. */
  promptTokens?: number | undefined;
}

export interface PrefixComparison {
  readonly previous: SentPrompt;
  /** Parts at the beginning that are the same in both. */
  readonly commonParts: number;
  /** Characters that are the same in the first part that differs; undefined where there is none or its text is not kept. */
  readonly commonCharacters?: number | undefined;
}

export interface PrefixMemoryLimits {
  readonly sessions: number;
  /** Of all texts together. */
  readonly bytes: number;
  /** A prompt of which more would have to be kept is kept without its texts. */
  readonly promptBytes: number;
  readonly ageMs: number;
}

const DEFAULT_LIMITS: PrefixMemoryLimits = {
  sessions: 200,
  bytes: 64 * 1024 * 1024,
  promptBytes: 8 * 1024 * 1024,
  ageMs: 60 * 60 * 1000,
};

/** Prompts of a session with which a new one is compared: a client may send two kinds of them in turns. */
const KEPT_PROMPTS = 2;

interface Kept {
  readonly prompts: readonly SentPrompt[];
  readonly bytes: number;
  readonly at: number;
}

/**
 * The last two prompts of each session with their texts, in memory alone and within limits: the sessions that were
 * quiet for the longest go first.
 */
export class PrefixMemory {
  readonly #limits: PrefixMemoryLimits;
  readonly #now: () => number;
  /** In the order of their last request. */
  readonly #sessions = new Map<string, Kept>();
  #bytes = 0;

  /** @param now milliseconds that never go back. */
  constructor(
    now: () => number = () => performance.now(),
    limits: Partial<PrefixMemoryLimits> = {},
  ) {
    this.#now = now;
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
  }

  get size(): { readonly sessions: number; readonly bytes: number } {
    return { sessions: this.#sessions.size, bytes: this.#bytes };
  }

  /**
   * Keeps a prompt as the session's last one.
   * @returns what is kept of it, and how it compares with the one before that it shares the most with; no comparison
   *   where it is the session's first.
   */
  take(
    session: string,
    parts: readonly TextPart[],
    run: number,
  ): { readonly sent: SentPrompt; readonly comparison?: PrefixComparison | undefined } {
    this.#forgetOld();
    const before = this.#sessions.get(session);
    const comparison = closest(before?.prompts ?? [], parts);
    const sent: SentPrompt = { parts: this.#kept(parts), run };
    const prompts = [sent, ...(before?.prompts ?? [])].slice(0, KEPT_PROMPTS);
    this.#drop(session);
    const bytes = prompts.reduce((sum, prompt) => sum + bytesOf(prompt.parts), 0);
    this.#sessions.set(session, { prompts, bytes, at: this.#now() });
    this.#bytes += bytes;
    this.#makeRoom();
    return { sent, comparison };
  }

  #kept(parts: readonly TextPart[]): readonly TextPart[] {
    if (bytesOf(parts) <= this.#limits.promptBytes) return parts;
    return parts.map(({ role, hash, length }) => ({ role, hash, length }));
  }

  #forgetOld(): void {
    const oldest = this.#now() - this.#limits.ageMs;
    for (const [session, { at }] of this.#sessions) {
      if (at >= oldest) return;
      this.#drop(session);
    }
  }

  #makeRoom(): void {
    for (const session of this.#sessions.keys()) {
      const isWithin =
        this.#sessions.size <= this.#limits.sessions && this.#bytes <= this.#limits.bytes;
      if (isWithin) return;
      this.#drop(session);
    }
  }

  #drop(session: string): void {
    this.#bytes -= this.#sessions.get(session)?.bytes ?? 0;
    this.#sessions.delete(session);
  }
}

/** JavaScript holds a character in at most two bytes; a part has an object of its own. */
function bytesOf(parts: readonly TextPart[]): number {
  return parts.reduce((sum, { text }) => sum + 100 + 2 * (text?.length ?? 0), 0);
}

/** The comparison with the prompt that has the longest beginning in common; of two alike, the newer. */
function closest(
  prompts: readonly SentPrompt[],
  parts: readonly TextPart[],
): PrefixComparison | undefined {
  let best: PrefixComparison | undefined;
  for (const previous of prompts) {
    const one = compare(previous, parts);
    if (!best || common(one) > common(best)) best = one;
  }
  return best;
}

function compare(previous: SentPrompt, parts: readonly TextPart[]): PrefixComparison {
  let commonParts = 0;
  while (isSamePart(previous.parts[commonParts], parts[commonParts])) commonParts++;
  const [one, other] = [previous.parts[commonParts], parts[commonParts]];
  if (one?.text === undefined || other?.text === undefined || one.role !== other.role) {
    return { previous, commonParts };
  }
  return { previous, commonParts, commonCharacters: commonLength(one.text, other.text) };
}

function common({ previous, commonParts, commonCharacters = 0 }: PrefixComparison): number {
  return previous.parts
    .slice(0, commonParts)
    .reduce((sum, { length }) => sum + length, commonCharacters);
}

/** Characters at the beginning that are the same in both. */
export function commonLength(one: string, other: string): number {
  const most = Math.min(one.length, other.length);
  let length = 0;
  while (length < most && one.charCodeAt(length) === other.charCodeAt(length)) length++;
  return length;
}
