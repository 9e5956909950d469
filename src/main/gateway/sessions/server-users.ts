interface Use {
  readonly number: number;
  readonly isSideCall: boolean;
}

/** Lanes of a profile that are remembered: who came longer ago was pushed out of a cache anyway. */
const MAX_LANES = 16;
const MAX_PROFILES = 200;

/** Who used each server last, to tell whether somebody came between two requests of a session. */
export class ServerUsers {
  /** Of each profile its lanes, in the order of their last request. */
  readonly #profiles = new Map<string, Map<string, Use>>();
  #number = 0;

  /**
   * Notes a request.
   * @param lane a session's turns, or its side calls.
   * @returns who came since the lane's last request: a turn of another session before a side call; undefined where
   *   nobody did or it is the lane's first.
   */
  take(profileId: string, lane: string, isSideCall: boolean): 'side_call' | 'session' | undefined {
    const lanes = this.#profiles.get(profileId) ?? new Map<string, Use>();
    this.#profiles.delete(profileId);
    this.#profiles.set(profileId, lanes);
    const last = lanes.get(lane);
    const since = last ? [...lanes.values()].filter(({ number }) => number > last.number) : [];
    lanes.delete(lane);
    lanes.set(lane, { number: ++this.#number, isSideCall });
    dropFirst(lanes, MAX_LANES);
    dropFirst(this.#profiles, MAX_PROFILES);
    if (since.length === 0) return undefined;
    return since.some((use) => !use.isSideCall) ? 'session' : 'side_call';
  }
}

function dropFirst(map: Map<string, unknown>, most: number): void {
  const [first] = map.keys();
  if (map.size > most && first !== undefined) map.delete(first);
}
