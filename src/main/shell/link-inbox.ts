import { app } from 'electron';

/**
 * Links that the system hands over. One that starts the application comes before anything is there to show it, so
 * they are taken from the first moment and kept until somebody listens.
 */
export class LinkInbox {
  readonly #waiting: string[];
  #listener: ((link: string) => void) | undefined;

  /** `first`: the one on the command line, where the system passes it so. */
  constructor(first: string | undefined) {
    this.#waiting = first === undefined ? [] : [first];
    app.on('open-url', (event, url) => {
      event.preventDefault();
      if (this.#listener) this.#listener(url);
      else this.#waiting.push(url);
    });
  }

  /** Whether a link is why the application was started. */
  get hasWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  listen(listener: (link: string) => void): void {
    this.#listener = listener;
    for (const link of this.#waiting.splice(0)) listener(link);
  }
}
