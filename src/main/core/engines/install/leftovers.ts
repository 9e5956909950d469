import { readdir, realpath, rm } from 'node:fs/promises';
import path from 'node:path';

import type { Logger } from '../../ports';
import type { Processes } from '../../ports/processes';
import { isAlive } from '../../processes/liveness';
import { ifThere, realDisk } from '../checks/disk';
import { type EngineStore, leftoverOf, type StoredInstallation } from './engine-store';
import { folderSize } from './folder-size';
import { installedPackages } from './install-engine';

export interface LeftoversOptions {
  readonly store: EngineStore;
  /** Where managed installations are made: one folder for each engine in it. */
  readonly folder: string;
  /** Ids of the engines that this program knows. */
  readonly engines: readonly string[];
  readonly logger: Logger;
  readonly processes: Processes;
}

/** Deletes folders of installations, and finds those that interrupted work and lost lists have left. */
export class Leftovers {
  readonly #options: LeftoversOptions;

  constructor(options: LeftoversOptions) {
    this.#options = options;
  }

  /** Deletes an installation that we made with its folder; forgets one that a person registered. */
  async remove(stored: StoredInstallation): Promise<void> {
    if (stored.origin === 'managed' && (await this.#isOurs(stored.path))) {
      await rm(stored.path, { recursive: true, force: true });
    }
    await this.#options.store.remove(stored.id);
  }

  /** The same without an error: what cannot be deleted stays in the list and says why. */
  async discard(stored: StoredInstallation): Promise<void> {
    try {
      await this.remove(stored);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#options.logger.warn(`The folder of ${stored.id} could not be deleted`, {
        folder: stored.path,
        error: reason,
      });
      await this.keep(stored, `Its folder could not be deleted: ${reason}.`);
    }
  }

  /** Deletes what is half made and nobody is at work on, and what could not be deleted before. */
  async clean(): Promise<void> {
    for (const stored of await this.#abandoned()) {
      const sizeBytes = await this.sizeOf(stored);
      this.#options.logger.warn(`Deleting the half made ${stored.id}: its installer is gone`, {
        folder: stored.path,
        bytes: sizeBytes,
      });
      await this.discard(stored);
    }
  }

  /** Shows the same for what it is; the disk is left alone. */
  async mark(): Promise<void> {
    for (const stored of await this.#abandoned()) await this.keep(stored, INTERRUPTED);
  }

  async #abandoned(): Promise<StoredInstallation[]> {
    const { store } = this.#options;
    const found: StoredInstallation[] = [];
    for (const stored of store.all()) {
      const isHalfMade = stored.state === 'installing' || stored.replaces !== undefined;
      if (!isHalfMade && !stored.isLeftover) continue;
      if (!isHalfMade || !(await isInstalling(stored, this.#options.processes))) found.push(stored);
    }
    return found;
  }

  /** Lists it as what it is: a folder of no use, with its bytes. */
  async keep(stored: StoredInstallation, problem: string): Promise<void> {
    const sizeBytes = await this.sizeOf(stored);
    await this.#options.store.put({ ...leftoverOf(stored, problem), sizeBytes });
  }

  /** Bytes of its folder; what they were last where that cannot be told. */
  async sizeOf(stored: StoredInstallation): Promise<number> {
    if (stored.origin !== 'managed') return 0;
    return folderSize(stored.path).catch((error: unknown) => {
      this.#options.logger.debug(`The size of ${stored.path} cannot be told`, {
        error: String(error),
      });
      return stored.sizeBytes;
    });
  }

  /** Follows a data folder that was moved: the list has the old place, the folder is at the new one. */
  async relocate(): Promise<void> {
    const { store, folder, logger } = this.#options;
    for (const stored of store.all()) {
      if (stored.origin !== 'managed' || (await this.#isOurs(stored.path))) continue;
      const moved = path.join(folder, stored.engine, path.basename(stored.path));
      if ((await realDisk.stat(stored.path)) || !(await realDisk.stat(moved))?.isDirectory())
        continue;
      logger.info(`${stored.id} was moved with its data folder`, { from: stored.path, to: moved });
      const bin = path.join(moved, 'bin');
      await store.put({ ...stored, path: moved, bin, python: path.join(bin, 'python') });
    }
  }

  /** Lists folders that no entry names, so that they can be tested and used again, or removed. */
  async listUnknown(): Promise<void> {
    const { store, folder, engines, logger } = this.#options;
    for (const engine of engines) {
      const parent = path.join(folder, engine);
      const entries = (await ifThere(readdir(parent, { withFileTypes: true }))) ?? [];
      const known = new Set(store.all().map((one) => one.path));
      for (const entry of entries) {
        const found = path.join(parent, entry.name);
        if (!entry.isDirectory() || known.has(found)) continue;
        logger.warn(`A folder of ${engine} is in no list`, { folder: found });
        await store.put(await this.#unknown(engine, entry.name, found));
      }
    }
  }

  async #unknown(engine: string, name: string, folder: string): Promise<StoredInstallation> {
    const { store } = this.#options;
    const bin = path.join(folder, 'bin');
    const packages = await installedPackages(folder);
    const version = packages.find((one) => one.startsWith(`${engine}==`))?.split('==')[1];
    const stored: StoredInstallation = {
      id: freeId(store, `${engine}-${name}`),
      engine,
      version: version ?? name,
      path: folder,
      bin,
      python: path.join(bin, 'python'),
      state: 'broken',
      origin: 'managed',
      sizeBytes: 0,
      packages,
      problem:
        'Its folder was found without an entry in the list. Test it to use it again, or remove it.',
    };
    return { ...stored, sizeBytes: await this.sizeOf(stored) };
  }

  /** Whether a folder lies among those that we make. Another data folder's are that one's. */
  async #isOurs(folder: string): Promise<boolean> {
    const [ours, parent] = await Promise.all([
      ifThere(realpath(this.#options.folder)),
      ifThere(realpath(path.dirname(folder))),
    ]);
    return ours !== undefined && parent !== undefined && path.dirname(parent) === ours;
  }
}

const INTERRUPTED =
  'Its installation was interrupted; the manager deletes its folder when it starts.';

/** What another manager may still be at is not touched: only one that is known to be gone leaves a ruin. */
async function isInstalling(
  { installer }: StoredInstallation,
  processes: Processes,
): Promise<boolean> {
  if (!installer) return false;
  const alive = await isAlive(processes, installer);
  return !alive.known || alive.value;
}

/** The first of `wanted`, `wanted-2`, `wanted-3`, ... that is in no list. */
export function freeId(store: EngineStore, wanted: string): string {
  for (let number = 1; ; number++) {
    const id = number === 1 ? wanted : `${wanted}-${number}`;
    if (!store.get(id)) return id;
  }
}
