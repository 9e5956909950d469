import { readdir, realpath, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';

import { DomainError, messageOf } from '@shared/errors';
import { formatDisk } from '@shared/format/bytes';

import type { NoticeBoard } from '../../notices/notice-board';
import type { Logger } from '../../ports';
import type { Processes, Seen } from '../../ports/processes';
import { isSameProcess } from '../../processes/identity';
import { known, mapSeen } from '../../processes/seen';
import { ifThere, realDisk } from '../checks/disk';
import type { OwnedTools } from '../tools/owned-tools';
import { type EngineStore, leftoverOf, type StoredInstallation } from './engine-store';
import { folderSize } from './folder-size';
import { installedPackages } from './install-engine';

export interface LeftoversOptions {
  readonly store: EngineStore;
  readonly tools: OwnedTools;
  readonly processes: Processes;
  readonly notices: NoticeBoard;
  readonly logger: Logger;
  /** Where managed installations are made: one folder for each engine in it. */
  readonly folder: string;
  /** Folders in which tools work, each with the names of what they leave there when they are killed. */
  readonly workFolders: readonly { readonly folder: string; readonly leaves: RegExp }[];
  /** Ids of the engines that this program knows. */
  readonly engines: readonly string[];
}

/** Deletes folders of installations, and finds those that interrupted work and lost lists have left. */
export class Leftovers {
  readonly #options: LeftoversOptions;

  constructor(options: LeftoversOptions) {
    this.#options = options;
  }

  /**
   * Deletes an installation that we made with its folder; forgets one that a person registered.
   * @throws DomainError conflict while an installer may be at work in the folder.
   */
  async remove(stored: StoredInstallation): Promise<void> {
    const held = this.#options.tools.heldBy(stored.path);
    if (held !== undefined)
      throw new DomainError('conflict', `${stored.id} can't be deleted yet: ${held}`);
    if (stored.origin === 'managed' && (await this.#isOurs(stored.path))) {
      await rm(stored.path, { recursive: true, force: true });
    }
    await this.#options.store.remove(stored.id);
  }

  /** The same without an error: what cannot be deleted now stays in the list and says why. */
  async discard(stored: StoredInstallation): Promise<boolean> {
    try {
      await this.remove(stored);
      return true;
    } catch (error) {
      const reason = messageOf(error);
      this.#options.logger.warn(`The folder of ${stored.id} could not be deleted`, {
        folder: stored.path,
        error: reason,
      });
      const held = this.#options.tools.heldBy(stored.path);
      const sentence =
        held === undefined
          ? `Its folder couldn't be deleted: ${reason}.`
          : `Its folder can't be deleted yet: ${held}`;
      await this.#keep(stored, sentence);
      return false;
    }
  }

  /**
   * Deletes what is half made and nobody is at work on, what could not be deleted before.
   * @returns whether it was told of each whether somebody is at work on it.
   */
  async clean(): Promise<boolean> {
    const { logger, notices } = this.#options;
    const { useless, isTold } = await this.#abandoned();
    for (const stored of useless) {
      const sizeBytes = await this.#sizeOf(stored);
      const folder = stored.path;
      logger.warn(`Deleting what is left of ${stored.id}`, { folder, bytes: sizeBytes });
      const isGone = await this.discard(stored);
      if (!isGone || stored.isLeftover || stored.origin !== 'managed') continue;
      const name = `${stored.engine} ${stored.version}`;
      const bytes = formatDisk(sizeBytes);
      notices.add('info', `Installing ${name} was interrupted. Its folder (${bytes}) was deleted.`);
    }
    return isTold;
  }

  /** Shows the same for what it is; the disk is left alone. */
  async mark(): Promise<void> {
    const { useless } = await this.#abandoned();
    for (const stored of useless) await this.#keep(stored, INTERRUPTED);
  }

  /** Follows a data folder that was moved: the list has the old place, the folder is at the new one. */
  async relocate(): Promise<void> {
    const { store, folder, logger } = this.#options;
    for (const stored of store.all()) {
      if (stored.origin !== 'managed' || (await this.#isOurs(stored.path))) continue;
      const moved = path.join(folder, stored.engine, path.basename(stored.path));
      const isThere = (await realDisk.stat(moved))?.isDirectory() === true;
      if (!isThere || (await realDisk.stat(stored.path))) continue;
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
        if (!entry.isDirectory() || known.has(found) || (await this.#removeEmpty(found))) continue;
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
        "Its folder was found, but it wasn't in the list. Run the self-test to use it again, or remove it.",
    };
    return { ...stored, sizeBytes: await this.#sizeOf(stored) };
  }

  /** Lists it as what it is: a folder of no use, with its bytes. */
  async #keep(stored: StoredInstallation, problem: string): Promise<void> {
    const sizeBytes = await this.#sizeOf(stored);
    await this.#options.store.put({ ...leftoverOf(stored, problem), sizeBytes });
  }

  /** Bytes of its folder; what they were last where that cannot be told. */
  async #sizeOf(stored: StoredInstallation): Promise<number> {
    if (stored.origin !== 'managed') return 0;
    return folderSize(stored.path).catch((error: unknown) => {
      this.#options.logger.debug(`Couldn't measure the size of ${stored.path}`, {
        error: String(error),
      });
      return stored.sizeBytes;
    });
  }

  /** What is of no use: what could not be deleted, and what is half made by a manager that is gone. */
  async #abandoned(): Promise<{ useless: StoredInstallation[]; isTold: boolean }> {
    const useless: StoredInstallation[] = [];
    let isTold = true;
    for (const stored of this.#options.store.all()) {
      const isHalfMade = stored.state === 'installing' || stored.replaces !== undefined;
      const isWorkedOn = isHalfMade ? await this.#isWorkedOn(stored) : known(false);
      if (!isWorkedOn.known) isTold = false;
      else if (stored.isLeftover || (isHalfMade && !isWorkedOn.value)) useless.push(stored);
    }
    return { useless, isTold };
  }

  async #isWorkedOn({ id, installer }: StoredInstallation): Promise<Seen<boolean>> {
    if (installer === undefined) return known(false);
    // Who this process is could not be told when it began.
    if (installer.pid === process.pid && installer.startTime === '') return known(true);
    const seen = await this.#options.processes.read(installer.pid);
    if (!seen.known) {
      const { reason } = seen;
      this.#options.logger.warn(`Whether ${id} is being installed is unknown`, { reason });
    }
    return mapSeen(seen, (info) => isSameProcess(installer, info) && info?.state !== 'Z');
  }

  /** Deletes files of tools that were killed. Only while none is at work. */
  async sweep(): Promise<void> {
    for (const { folder, leaves } of this.#options.workFolders) {
      const names = (await ifThere(readdir(folder))) ?? [];
      for (const name of names.filter((one) => leaves.test(one))) {
        const file = path.join(folder, name);
        this.#options.logger.info('Deleting what an interrupted tool has left', { file });
        await rm(file, { recursive: true, force: true });
      }
    }
  }

  /** A folder that was made and nothing put into yet; false when it holds something. */
  async #removeEmpty(folder: string): Promise<boolean> {
    try {
      await rmdir(folder);
      return true;
    } catch {
      return false; // it is listed, whatever keeps it
    }
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
  'Its installation was interrupted. MLX Manager deletes its folder the next time it starts.';

/** The first of `wanted`, `wanted-2`, `wanted-3`, ... that is in no list. */
export function freeId(store: EngineStore, wanted: string): string {
  for (let number = 1; ; number++) {
    const id = number === 1 ? wanted : `${wanted}-${number}`;
    if (!store.get(id)) return id;
  }
}
