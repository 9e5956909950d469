/** From the second second on a client hears that its answer is still to come. */
export const FIRST_BEAT_MS = 2000;
const NEXT_BEAT_MS = 2000;

/** Says at regular times that something is still under way, until it is told that the client heard something else. */
export class Beats {
  readonly #beat: () => void;
  #timer: NodeJS.Timeout;

  constructor(beat: () => void, firstMs = FIRST_BEAT_MS) {
    this.#beat = beat;
    this.#timer = setTimeout(() => this.#due(), firstMs);
  }

  /** The client has just heard something. */
  heard(): void {
    this.#timer.refresh();
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  #due(): void {
    this.#beat();
    this.#timer = setTimeout(() => this.#due(), NEXT_BEAT_MS);
  }
}
