import type { DocumentStore } from '../ports';

/** The documents that a program has open; what was begun to be written is waited for at its end. */
export class OpenDocuments {
  readonly #open: (name: string) => DocumentStore;
  readonly #writing = new Set<Promise<void>>();

  constructor(open: (name: string) => DocumentStore) {
    this.#open = open;
  }

  open(name: string): DocumentStore {
    const store = this.#open(name);
    return {
      path: store.path,
      ...(store.lookingOnly === undefined ? {} : { lookingOnly: store.lookingOnly }),
      read: () => store.read(),
      write: (value) => this.#follow(store.write(value)),
    };
  }

  /** Resolves when nothing is being written any more; whoever wrote hears of failures. */
  async settled(): Promise<void> {
    while (this.#writing.size > 0) {
      await Promise.allSettled(this.#writing);
      // A change that waited for the one before begins in the turns after it.
      await new Promise(setImmediate);
    }
  }

  #follow(writing: Promise<void>): Promise<void> {
    this.#writing.add(writing);
    const forget = (): boolean => this.#writing.delete(writing);
    writing.then(forget, forget);
    return writing;
  }
}
