import type { Verified } from '@shared/domain/model';
import { z } from 'zod';

import type { Clock, DocumentStore, Logger } from '../ports';
import { JsonDocument } from '../storage/json-document';
import type { NoticeBoard } from '../notices/notice-board';
import { type FileFacts, stampOf } from './disk';
import { stampAt } from './model-record';

const Stamped = z.object({ stamp: z.string(), sha256: z.string() });
const Checked = z.object({
  at: z.string(),
  by: z.enum(['hashes', 'structure']),
  files: z.number(),
  /** Files that were bad, each as it looked then. */
  bad: z.array(z.object({ file: z.string(), problem: z.string(), stamp: z.string() })),
});
export type Checked = z.infer<typeof Checked>;

interface Notes {
  /** When a server last ran a model, by the reference of the profile. */
  readonly used: Readonly<Record<string, string>>;
  /** What a look at every byte found, by the model's folder. */
  readonly verified: Readonly<Record<string, Checked>>;
  /** Hashes of files that no name tells, by path. */
  readonly hashes: Readonly<Record<string, z.infer<typeof Stamped>>>;
  /** Files that were replaced by clones, by path and as they look: they cost nothing. */
  readonly clones: Readonly<Record<string, string>>;
}

const map = <T extends z.ZodType>(item: T) => ({
  kind: 'value' as const,
  schema: z.record(z.string(), item),
  fallback: () => ({}),
});
const SPEC = {
  name: 'models',
  version: 1,
  keys: {
    used: map(z.string()),
    verified: map(Checked),
    hashes: map(Stamped),
    clones: map(z.string()),
  },
  migrations: {},
};

/** A use that is told again within this time is not written again, ms. */
const USE_STEP_MS = 60_000;

export interface ModelNotesOptions {
  readonly document: DocumentStore;
  readonly notices: NoticeBoard;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What is known of models and stands on no disk of theirs: when they ran, and what reading them showed. */
export class ModelNotes {
  readonly #options: ModelNotesOptions;
  readonly #document: JsonDocument<Notes>;

  constructor(options: ModelNotesOptions) {
    const { document: store, notices, clock, logger } = options;
    this.#options = options;
    this.#document = new JsonDocument<Notes>({ store, spec: SPEC, clock, logger, notices });
  }

  get readOnly(): boolean {
    return this.#document.readOnly;
  }

  load(): Promise<void> {
    return this.#document.load();
  }

  lastUsed(ref: string): string | undefined {
    return this.#document.value.used[ref];
  }

  /** @returns whether it was news. Rejects when it cannot be written. */
  async noteUse(ref: string): Promise<boolean> {
    const now = this.#options.clock.now();
    const before = this.lastUsed(ref);
    // A use in the future was noted by a clock that was set since.
    const passed = before === undefined ? undefined : now - Date.parse(before);
    if (passed !== undefined && passed >= 0 && passed < USE_STEP_MS) return false;
    await this.#change('used', { [ref]: new Date(now).toISOString() });
    return true;
  }

  verified(folder: string): Checked | undefined {
    return this.#document.value.verified[folder];
  }

  async noteVerified(folder: string, checked: Checked): Promise<void> {
    await this.#change('verified', { [folder]: checked });
  }

  hashOf(facts: FileFacts): string | undefined {
    const known = this.#document.value.hashes[facts.file];
    return known?.stamp === stampOf(facts) ? known.sha256 : undefined;
  }

  async noteHash(facts: FileFacts, sha256: string): Promise<void> {
    await this.#change('hashes', { [facts.file]: { stamp: stampOf(facts), sha256 } });
  }

  isClone(facts: FileFacts): boolean {
    return this.#document.value.clones[facts.file] === stampOf(facts);
  }

  async noteClone(file: string): Promise<void> {
    await this.#change('clones', { [file]: await stampAt(file) });
  }

  /** A model is gone: what was known of its folder too. */
  async forget(folder: string): Promise<void> {
    const isOther = ([name]: readonly [string, unknown]): boolean =>
      name !== folder && !name.startsWith(`${folder}/`);
    await this.#document.update((notes) => ({
      ...notes,
      verified: Object.fromEntries(Object.entries(notes.verified).filter(isOther)),
      hashes: Object.fromEntries(Object.entries(notes.hashes).filter(isOther)),
      clones: Object.fromEntries(Object.entries(notes.clones).filter(isOther)),
    }));
  }

  async #change<K extends keyof Notes>(key: K, entry: Notes[K]): Promise<void> {
    await this.#document.update((notes) => ({ ...notes, [key]: { ...notes[key], ...entry } }));
  }
}

/** What the last look found, as views see it. */
export function shownVerified({ at, by, files, bad }: Checked): Verified {
  return { at, by, files, bad: bad.map(({ file }) => file) };
}
