/** How much of a new measurement counts: half of what is shown is from the last two seconds. */
const WEIGHT = 0.2;

/** Bytes per second, smoothed, from how much is there at each look. */
export class Speed {
  #last: { at: number; bytes: number } | undefined;
  #value: number | undefined;

  /** @param at ms of the monotonic clock. */
  look(bytes: number, at: number): void {
    const last = this.#last;
    this.#last = { at, bytes };
    if (!last || at <= last.at) return;
    // Bytes that were thrown away are no speed.
    const now = (Math.max(0, bytes - last.bytes) / (at - last.at)) * 1000;
    this.#value = this.#value === undefined ? now : this.#value * (1 - WEIGHT) + now * WEIGHT;
  }

  get bytesPerSecond(): number {
    return Math.round(this.#value ?? 0);
  }

  /** Undefined while nothing comes. */
  etaSeconds(left: number): number | undefined {
    const speed = this.bytesPerSecond;
    return speed > 0 ? Math.ceil(left / speed) : undefined;
  }
}
