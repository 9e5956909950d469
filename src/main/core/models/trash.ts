import { randomBytes } from 'node:crypto';
import { lstat, mkdir, readdir, readFile, realpath, rename, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';

import { DomainError } from '@shared/errors';
import { z } from 'zod';

import { makeFolder } from '../storage/make-folder';
import { privacyAdvice } from '../storage/privacy';
import type { Clock, Logger } from '../ports';
import { Background } from '../ports/background';
import { isDraftName, writeFileDurably } from '../storage/durable-file';
import { inodeOf, isAbsent } from './disk';

/** Beside the models, on the same file system: so a deletion is one rename, and as easily taken back. */
export const TRASH = '.mlx-manager-trash';
/** How long a deleted model can be had back, ms. */
export const UNDO_MS = 10_000;
const ENTRY = 'entry.json';
const FILES = 'model';
/** As {@link Trash.put} names what it puts there. */
const NAME = /^[0-9a-f]{12}$/;

const Entry = z.object({
  ref: z.string(),
  name: z.string(),
  /** Where the files were. */
  from: z.string(),
  /** Unix ms when they go. */
  until: z.number(),
  freedBytes: z.number(),
});
export type TrashEntry = z.infer<typeof Entry>;

interface Held {
  readonly entry: TrashEntry;
  readonly folder: string;
  readonly cancel: () => void;
  /** Resolves once nothing writes to the folder any more. Never rejects. */
  readonly written: Promise<unknown>;
}

export interface TrashOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Something went for good. */
  readonly ended: (entry: TrashEntry) => void;
}

/**
 * Deleted models, for as long as they can be had back. What a manager that ended left behind goes at the
 * next start: the person had confirmed the deletion, and the view that offered to undo it is gone. Only
 * what is younger than its time is held for the rest of it.
 */
export class Trash {
  readonly #options: TrashOptions;
  readonly #held = new Map<string, Held>();
  readonly #background: Background;

  constructor(options: TrashOptions) {
    this.#options = options;
    this.#background = new Background(options.logger);
  }

  entry(ref: string): TrashEntry | undefined {
    return this.#held.get(ref)?.entry;
  }

  /**
   * Moves a folder aside at once.
   * @throws DomainError permission, conflict, not_found: then nothing was moved.
   */
  async put(root: string, item: Pick<TrashEntry, 'ref' | 'name' | 'from'>): Promise<TrashEntry> {
    const { clock } = this.#options;
    const trash = path.join(root, TRASH);
    if (!(await isOwnFolder(trash, root))) {
      const sentence = `${trash} isn't a folder in ${root}. Remove it and try again.`;
      throw new DomainError('conflict', sentence);
    }
    const folder = path.join(trash, randomBytes(6).toString('hex'));
    const freedBytes = await bytesFreed(item.from);
    const entry = { ...item, until: clock.now() + UNDO_MS, freedBytes };
    try {
      await makeFolder(folder);
      // First what it is, then the move: cut off in between, nothing has happened yet.
      await writeFileDurably(path.join(folder, ENTRY), JSON.stringify(entry));
      await rename(item.from, path.join(folder, FILES));
    } catch (error) {
      await removeEntry(folder).catch(() => undefined); // the first error is the one to tell
      throw moveError(item.from, error);
    }
    this.#hold(folder, entry);
    return entry;
  }

  /** @throws DomainError not_found when it is too late, conflict when the place is taken again. */
  async undo(ref: string): Promise<TrashEntry> {
    const held = this.#find(ref);
    const { from } = held.entry;
    if (await lstat(from).catch(() => undefined)) {
      throw new DomainError(
        'conflict',
        `${from} exists again, so the deleted model wasn't restored.`,
      );
    }
    this.#release(ref);
    await held.written;
    try {
      await mkdir(path.dirname(from), { recursive: true });
      await rename(path.join(held.folder, FILES), from);
    } catch (error) {
      this.#hold(held.folder, held.entry);
      throw moveError(from, error);
    }
    // The model is back, whatever becomes of the rest, which is swept at the next start.
    await removeEntry(held.folder).catch((error: unknown) =>
      this.#options.logger.warn(
        'What stood for a deleted model that is back could not be removed',
        {
          folder: held.folder,
          error: String(error),
        },
      ),
    );
    return held.entry;
  }

  /** Its time begins anew. @throws DomainError not_found. */
  async extend(ref: string): Promise<TrashEntry> {
    const { folder, entry, written } = this.#find(ref);
    const longer = { ...entry, until: this.#options.clock.now() + UNDO_MS };
    this.#release(ref);
    const write = written.then(() =>
      writeFileDurably(path.join(folder, ENTRY), JSON.stringify(longer)),
    );
    // An undo right after it waits for the file, or it would take the folder away from under the write.
    this.#hold(folder, longer, Promise.allSettled([write]));
    await write;
    return longer;
  }

  /** @throws DomainError not_found. */
  async end(ref: string): Promise<TrashEntry> {
    const { folder, entry, written } = this.#find(ref);
    this.#release(ref);
    await written;
    await this.#remove(folder, entry);
    return entry;
  }

  /**
   * Looks for what an earlier manager left in a folder of the library, which others may write to: a link is not
   * followed, and what this program cannot have put there stays.
   */
  async sweep(root: string): Promise<void> {
    const trash = path.join(root, TRASH);
    if (!(await isOwnFolder(trash, root))) {
      this.#options.logger.warn('What stands for the deleted models of a folder is left alone', {
        trash,
      });
      return;
    }
    const names = await readdir(trash).catch(() => []);
    for (const name of names) {
      const folder = path.join(trash, name);
      if ([...this.#held.values()].some((held) => held.folder === folder)) continue;
      if (!(await isOurs(folder, root))) {
        this.#options.logger.warn('Something in the folder of deleted models is left alone', {
          folder,
        });
        continue;
      }
      const entry = await readEntry(folder);
      const isYoung =
        entry && entry.until > this.#options.clock.now() && !this.#held.has(entry.ref);
      // Whoever can write there must not have a file moved to a place of their choice.
      if (isYoung && (await isInside(path.dirname(entry.from), root))) this.#hold(folder, entry);
      else await this.#remove(folder, entry);
    }
  }

  /** Ends everything: the views that could undo it go too. */
  async close(): Promise<void> {
    for (const ref of [...this.#held.keys()]) await this.end(ref);
    await this.#background.settled();
  }

  #find(ref: string): Held {
    const held = this.#held.get(ref);
    if (held) return held;
    throw new DomainError('not_found', `${ref} can't be restored: its files are gone.`);
  }

  #hold(folder: string, entry: TrashEntry, written: Promise<unknown> = Promise.resolve()): void {
    // Never longer than it may be had back, whatever the clock was set to meanwhile.
    const left = Math.min(UNDO_MS, Math.max(0, entry.until - this.#options.clock.now()));
    const cancel = this.#options.clock.setTimeout(() => {
      this.#release(entry.ref);
      this.#background.run(`remove ${entry.name}`, async () => {
        await written;
        await this.#remove(folder, entry);
      });
    }, left);
    this.#held.set(entry.ref, { entry, folder, cancel, written });
  }

  #release(ref: string): void {
    this.#held.get(ref)?.cancel();
    this.#held.delete(ref);
  }

  /** What cannot be removed now is found again at the next start. */
  async #remove(folder: string, entry: TrashEntry | undefined): Promise<void> {
    const { logger, ended } = this.#options;
    try {
      await removeEntry(folder);
      logger.info('A deleted model is gone', { ref: entry?.ref, freedBytes: entry?.freedBytes });
      if (entry) ended(entry);
    } catch (error) {
      logger.warn('A deleted model could not be removed yet', { folder, error: String(error) });
    }
  }
}

/** Whether a folder lies where its path says, through no link; one that is not there yet may be made. */
async function isOwnFolder(folder: string, root: string): Promise<boolean> {
  const info = await lstat(folder).catch((error: unknown) =>
    isAbsent(error) ? 'none' : undefined,
  );
  if (info === 'none') return true;
  if (!info?.isDirectory()) return false;
  const [real, realRoot] = await Promise.all([realpath(folder), realpath(root)]);
  return real === path.join(realRoot, path.relative(root, folder));
}

/** A name and a shape that only this program gives. */
async function isOurs(folder: string, root: string): Promise<boolean> {
  if (!NAME.test(path.basename(folder)) || !(await isOwnFolder(folder, root))) return false;
  const names = await readdir(folder);
  return names.every((name) => name === ENTRY || name === FILES || isDraftName(name));
}

/** Whether a folder, or the nearest one above it that is there, lies in another one, links followed. */
async function isInside(folder: string, root: string): Promise<boolean> {
  if (!isBelow(path.resolve(folder), path.resolve(root))) return false;
  const realRoot = await realpath(root);
  for (let at = path.resolve(folder); ; at = path.dirname(at)) {
    try {
      return isBelow(await realpath(at), realRoot);
    } catch (error) {
      if (!isAbsent(error)) throw error;
    }
  }
}

function isBelow(folder: string, root: string): boolean {
  const way = path.relative(root, folder);
  return way === '' || (!way.startsWith(`..${path.sep}`) && way !== '..' && !path.isAbsolute(way));
}

/** What is not whole is of a move that never happened, or of a removal that was cut off. */
async function readEntry(folder: string): Promise<TrashEntry | undefined> {
  try {
    const files = await lstat(path.join(folder, FILES)).catch(() => undefined);
    if (!files) return undefined;
    return Entry.safeParse(JSON.parse(await readFile(path.join(folder, ENTRY), 'utf8'))).data;
  } catch {
    return undefined;
  }
}

/** The name goes first: a removal that is cut off is no model that could be put back. */
async function removeEntry(folder: string): Promise<void> {
  await rm(path.join(folder, ENTRY), { force: true });
  await rm(folder, { recursive: true, force: true });
  await rmdir(path.dirname(folder)).catch(() => undefined); // another one is still in it
}

/** Bytes that the removal of a folder frees: what a link leads to stays, and what has another name outside. */
export async function bytesFreed(folder: string): Promise<number> {
  const seen = new Map<string, { size: number; links: number; met: number }>();
  const visit = async (at: string): Promise<void> => {
    for (const entry of await readdir(at, { withFileTypes: true })) {
      const file = path.join(at, entry.name);
      if (entry.isDirectory()) await visit(file);
      else if (entry.isFile()) {
        const info = await lstat(file);
        const key = inodeOf(info);
        const met = (seen.get(key)?.met ?? 0) + 1;
        seen.set(key, { size: info.size, links: info.nlink, met });
      }
    }
  };
  await visit(folder).catch((error: unknown) => {
    if (!isAbsent(error)) throw error;
  });
  return [...seen.values()]
    .filter(({ links, met }) => met >= links)
    .reduce((sum, { size }) => sum + size, 0);
}

function moveError(place: string, error: unknown): DomainError {
  const { code } = error as NodeJS.ErrnoException;
  const cause = { cause: error };
  if (code === 'EROFS') {
    return new DomainError('permission', `${place} is on a read-only disk.`, cause);
  }
  if (code === 'EACCES' || code === 'EPERM') {
    const sentence = `You don't have permission to change ${place} (${code}). Give yourself write access and try again.${privacyAdvice(place, code)}`;
    return new DomainError('permission', sentence, cause);
  }
  if (code === 'EXDEV' || code === 'EBUSY') {
    const sentence = `${place} is a separate disk and can't be moved to the trash folder.`;
    return new DomainError('conflict', sentence, cause);
  }
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new DomainError(
      'disk_full',
      `The disk is full, so ${place} can't be moved to the trash folder.`,
      cause,
    );
  }
  if (isAbsent(error)) return new DomainError('not_found', `${place} no longer exists.`, cause);
  return new DomainError('internal', `Couldn't move ${place}: ${String(error)}`, cause);
}
