const TO_FETCH = /Identified uncached distribution: ([\w.-]+)/;
const CACHED = /\balready cached: /;
const LOGGED = /^\s*(?:DEBUG|TRACE) /;

/** The output of uv without what it logged for the plan. */
export function withoutPlan(output: string): string {
  return output
    .split('\n')
    .filter((line) => !LOGGED.test(line))
    .join('\n');
}

/** Which packages `uv pip sync` has to fetch, by what it logs before it begins. */
export class SyncPlan {
  /** Of uv's log only the part that plans; it goes to standard error, between what uv says anyway. */
  static readonly env = { RUST_LOG: 'uv_installer::plan=debug' };

  readonly #toFetch: string[] = [];
  #isKnown = false;

  /** Names of the packages; undefined as long as uv has not told. */
  get toFetch(): readonly string[] | undefined {
    return this.#isKnown ? this.#toFetch : undefined;
  }

  /** Takes a line of uv's output. @returns whether it belongs to the log and is for nobody else. */
  read(line: string): boolean {
    if (!LOGGED.test(line)) return false;
    const name = TO_FETCH.exec(line)?.[1];
    if (name !== undefined) this.#toFetch.push(name.toLowerCase());
    this.#isKnown ||= name !== undefined || CACHED.test(line);
    return true;
  }
}
