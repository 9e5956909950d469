import { z } from 'zod';

import type { Clock, DocumentStore, Logger } from '../../ports';
import type { DocumentSpec } from '../../storage/document-recovery';
import { JsonDocument } from '../../storage/json-document';
import type { NoticeBoard } from '../../notices/notice-board';

const StoredInstallation = z.object({
  id: z.string().min(1),
  engine: z.string().min(1),
  version: z.string(),
  /** Folder of a managed one; the Python or the program of a registered one. */
  path: z.string(),
  /** Folder of its executables. */
  bin: z.string(),
  python: z.string().optional(),
  pythonVersion: z.string().optional(),
  command: z.string().optional(),
  state: z.enum(['installing', 'ready', 'broken']),
  origin: z.enum(['managed', 'registered']),
  /** Whether its packages are those of the locked list; unknown of what an older version installed. */
  locked: z.boolean().optional(),
  sizeBytes: z.number(),
  testedAt: z.string().optional(),
  packages: z.array(z.string()).optional(),
  /** Why its self-test failed, when `broken`. */
  problem: z.string().optional(),
  /** Why its program did not run when it was last run to see whether it does. */
  failedRun: z.string().optional(),
  /** Files of its packages that were absent when its self-test passed: it does without them. */
  absentFiles: z.array(z.string()).optional(),
  /** The id that it takes over when it works. Until then it is half made, and nobody else's business. */
  replaces: z.string().optional(),
  /** Of no use any more, but its folder is still there. */
  isLeftover: z.boolean().optional(),
  /** Its `--help` as printed; read again by each version of this program. */
  help: z.string().optional(),
  /** Who installs it, while `installing`: a process that is gone leaves a folder to clean. */
  installer: z.object({ pid: z.number(), startTime: z.string() }).optional(),
});
export type StoredInstallation = z.infer<typeof StoredInstallation>;

interface Stored {
  readonly installations: readonly StoredInstallation[];
  /** By engine: ids in the order in which they were put in use, the current one last. */
  readonly used: Readonly<Record<string, readonly string[]>>;
}

const SPEC: DocumentSpec = {
  name: 'engines',
  version: 1,
  keys: {
    installations: {
      kind: 'list',
      item: StoredInstallation,
      fieldDefaults: {
        sizeBytes: 0,
        testedAt: undefined,
        locked: undefined,
        packages: undefined,
        problem: undefined,
        failedRun: undefined,
        absentFiles: undefined,
        replaces: undefined,
        isLeftover: undefined,
        help: undefined,
        pythonVersion: undefined,
        installer: undefined,
      },
      nameOf: ({ id }) => `Installation ${typeof id === 'string' ? id : 'without an id'}`,
    },
    used: {
      kind: 'value',
      schema: z.record(z.string(), z.array(z.string())),
      fallback: () => ({}),
    },
  },
  migrations: {},
};

export interface StoreOptions {
  readonly document: DocumentStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly notices: NoticeBoard;
}

/** The stored list of installations and which one of each engine is in use. */
export class EngineStore {
  readonly #document: JsonDocument<Stored>;

  constructor({ document, ...rest }: StoreOptions) {
    this.#document = new JsonDocument<Stored>({ store: document, spec: SPEC, ...rest });
  }

  /** Whether nothing may be changed. */
  get readOnly(): boolean {
    return this.#document.readOnly;
  }

  load(): Promise<void> {
    return this.#document.load();
  }

  all(): readonly StoredInstallation[] {
    return this.#document.value.installations;
  }

  get(id: string): StoredInstallation | undefined {
    return this.all().find((installation) => installation.id === id);
  }

  /** Ids of an engine's installations that were put in use, the current one last. */
  used(engine: string): readonly string[] {
    const ids = this.#document.value.used[engine] ?? [];
    return ids.filter((id) => this.get(id) !== undefined);
  }

  /** Adds or replaces one. */
  async put(installation: StoredInstallation): Promise<void> {
    await this.#document.update(({ installations, used }) => {
      const known = installations.some((one) => one.id === installation.id);
      const replaced = installations.map((one) =>
        one.id === installation.id ? installation : one,
      );
      return { installations: known ? replaced : [...installations, installation], used };
    });
  }

  async remove(id: string): Promise<void> {
    await this.#document.update(({ installations, used }) => ({
      installations: installations.filter((one) => one.id !== id),
      used: without(used, id),
    }));
  }

  /** Makes it the one in use. */
  async use({ engine, id }: Pick<StoredInstallation, 'engine' | 'id'>): Promise<void> {
    await this.#document.update(({ installations, used }) => {
      const others = without(used, id);
      return { installations, used: { ...others, [engine]: [...(others[engine] ?? []), id] } };
    });
  }

  /**
   * Puts a new installation in the place of the one that it replaces, under that one's id. What was replaced is
   * listed as a leftover until its folder is gone.
   */
  async replace(fresh: StoredInstallation): Promise<{ id: string; old?: StoredInstallation }> {
    const { replaces, ...kept } = fresh;
    const old = replaces === undefined ? undefined : this.get(replaces);
    const id = old?.id ?? fresh.id;
    const leftover = old && leftoverOf({ ...old, id: fresh.id }, REPLACED);
    await this.#document.update(({ installations, used }) => ({
      installations: installations.flatMap((one) => {
        if (one.id === id) return [{ ...kept, id }];
        return one.id === fresh.id ? (leftover ?? []) : one;
      }),
      used,
    }));
    return { id, ...(leftover ? { old: leftover } : {}) };
  }
}

const REPLACED = 'A new installation has replaced it.';

/** An entry that stands for nothing but its folder. */
export function leftoverOf(stored: StoredInstallation, problem: string): StoredInstallation {
  const { replaces: _replaces, installer: _installer, help: _help, ...kept } = stored;
  return { ...kept, state: 'broken', problem, isLeftover: true };
}

function without(used: Stored['used'], id: string): Stored['used'] {
  return Object.fromEntries(
    Object.entries(used).map(([engine, ids]) => [engine, ids.filter((one) => one !== id)]),
  );
}
