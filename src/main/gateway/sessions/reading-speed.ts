/** What one answer tells of it. */
interface Measured {
  readonly promptTokens?: number | undefined;
  readonly cachedTokens?: number | undefined;
  readonly firstTokenMs?: number | undefined;
}

/** Fewer computed tokens measure the first step of the answer more than the prompt. */
const MIN_TOKENS = 200;
const KEPT = 9;
const MAX_PROFILES = 200;

/** How fast each profile's server reads prompts: the median of the last measurements. */
export class ReadingSpeed {
  readonly #measured = new Map<string, number[]>();

  /** An engine that does not say what it reused tells no speed. */
  learn(profileId: string, { promptTokens, cachedTokens, firstTokenMs }: Measured): void {
    if (promptTokens === undefined || cachedTokens === undefined || !firstTokenMs) return;
    const computed = promptTokens - cachedTokens;
    if (computed < MIN_TOKENS) return;
    const speeds = [...(this.#measured.get(profileId) ?? []), (computed * 1000) / firstTokenMs];
    this.#measured.delete(profileId);
    this.#measured.set(profileId, speeds.slice(-KEPT));
    const [oldest] = this.#measured.keys();
    if (this.#measured.size > MAX_PROFILES && oldest !== undefined) this.#measured.delete(oldest);
  }

  /** Tokens per second; undefined while none was measured. */
  of(profileId: string): number | undefined {
    const speeds = (this.#measured.get(profileId) ?? []).toSorted((a, b) => a - b);
    return speeds[Math.floor(speeds.length / 2)];
  }
}
