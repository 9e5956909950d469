import type { ModelCopy } from '@shared/domain/model';

import type { Logger } from '../ports';
import { whyNoClone } from './clones';
import { factsOf, statOf } from './disk';
import { bytesTwice, filesToRead, type Hashes, likelySame, type Weighed } from './duplicates';
import { ANY_SHA256, type HashFile } from './file-hash';
import type { WeightsFile } from './model-folder';
import type { ModelNotes } from './model-notes';

/** A copy as far as the disks tell; who uses it is added when it is shown. */
export type FoundCopy = Omit<ModelCopy, 'usedBy'>;

export interface DuplicateFinderOptions {
  readonly notes: ModelNotes;
  readonly hashFile: HashFile;
  readonly logger: Logger;
  /** Whether files may be read for it: only where something goes on after the answer. */
  readonly mayRead: () => boolean;
  readonly publishChanged: () => void;
}

const SHA256 = /^[0-9a-f]{64}$/;

/** Finds weights that are on disk twice; reads what no name tells, one file at a time, in the background. */
export class DuplicateFinder {
  readonly #options: DuplicateFinderOptions;
  readonly #hashes: Hashes;
  /** Files that could not be read, as they looked. */
  readonly #unreadable = new Set<string>();
  #isStopped = false;
  #groups: Weighed[][] = [];
  #copies: ReadonlyMap<string, readonly FoundCopy[]> = new Map();
  #reading: { readonly stop: AbortController; readonly ended: Promise<void> } | undefined;

  constructor(options: DuplicateFinderOptions) {
    this.#options = options;
    const { notes } = options;
    this.#hashes = {
      hashOf: ({ etag, facts }) =>
        etag !== undefined && SHA256.test(etag) ? etag : notes.hashOf(facts),
      isClone: ({ facts }) => notes.isClone(facts),
    };
  }

  /** Where else the weights of the model at this path are. */
  copiesOf(path: string): readonly FoundCopy[] {
    return this.#copies.get(path) ?? [];
  }

  hashOf(file: WeightsFile): string | undefined {
    return this.#hashes.hashOf(file);
  }

  /** Takes over what a scan found. Rejects when a disk goes away meanwhile. */
  async update(all: readonly Weighed[]): Promise<void> {
    this.#groups = await Promise.all(likelySame(all).map((group) => Promise.all(group.map(asNow))));
    await this.#compare();
    if (this.#options.mayRead()) this.#read();
  }

  /** Resolves when everything that may be the same was compared. */
  async settled(): Promise<void> {
    await this.#reading?.ended;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#reading?.stop.abort();
    await this.#reading?.ended;
  }

  async #compare(): Promise<boolean> {
    const copies = new Map<string, FoundCopy[]>();
    for (const group of this.#groups) {
      for (const one of group) {
        const found = await this.#copiesIn(group, one);
        if (found.length > 0) copies.set(one.model.path, found);
      }
    }
    const isNews = JSON.stringify([...copies]) !== JSON.stringify([...this.#copies]);
    this.#copies = copies;
    return isNews;
  }

  async #copiesIn(group: readonly Weighed[], one: Weighed): Promise<FoundCopy[]> {
    const found: FoundCopy[] = [];
    for (const other of group) {
      if (other === one) continue;
      const sizeBytes = bytesTwice(one, other, this.#hashes);
      if (sizeBytes === undefined || sizeBytes === 0) continue;
      const { ref, path, origin, folder } = other.model;
      const cannotShare = await whyNoClone(one.model.path, path);
      found.push({
        ref,
        path,
        origin,
        sizeBytes,
        ...(folder === undefined ? {} : { folder }),
        ...(cannotShare === undefined ? {} : { cannotShare }),
      });
    }
    return found;
  }

  #read(): void {
    if (this.#reading || this.#isStopped) return;
    const stop = new AbortController();
    const ended = this.#readAll(stop.signal).finally(() => {
      this.#reading = undefined;
    });
    this.#reading = { stop, ended };
  }

  async #readAll(signal: AbortSignal): Promise<void> {
    for (;;) {
      const file = this.#next();
      if (!file || signal.aborted) return;
      const { facts } = file;
      try {
        const hash = await this.#options.hashFile(facts.file, ANY_SHA256, facts.size, { signal });
        await this.#options.notes.noteHash(facts, hash);
      } catch (error) {
        if (signal.aborted) return;
        this.#unreadable.add(key(file));
        const message = 'A file could not be compared';
        this.#options.logger.warn(message, { file: facts.file, error: String(error) });
      }
      if (await this.#compare()) this.#options.publishChanged();
    }
  }

  #next(): WeightsFile | undefined {
    return this.#groups
      .flatMap((group) => filesToRead(group, this.#hashes))
      .find((file) => !this.#unreadable.has(key(file)));
  }
}

function key({ facts }: WeightsFile): string {
  return `${facts.file} ${facts.ino} ${facts.size} ${facts.modifiedMs}`;
}

/** Device numbers are those of today, not those of the last look. */
async function asNow(one: Weighed): Promise<Weighed> {
  const weights = await Promise.all(
    one.weights.map(async (file) => {
      const info = await statOf(file.facts.file);
      return info ? { ...file, facts: factsOf(file.facts.file, info) } : file;
    }),
  );
  return { model: one.model, weights };
}
