import { randomBytes } from 'node:crypto';
import { type FileHandle, open, readdir, realpath, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';

import { hasProcess } from '../processes/liveness';

const PRIVATE = 0o600;

/** What stands between a file's name and the rest of its draft's name: `<pid>-<random>`. */
const DRAFT = '.tmp-';

/** Drafts that this process is writing now. */
const writing = new Set<string>();

/**
 * Puts `data` in the place of a file: whole and on the disk when it resolves, the old file untouched
 * when it rejects with the system's error. The only way in which the program writes a file that it needs.
 *
 * Not by a library: conf 16 (through atomically 2) and write-file-atomic 8 call write(2) once and do
 * not look at its count, so that a disk with a little room left takes the beginning, and half a file
 * is renamed over the good one as a success. `FileHandle.writeFile` goes on until all is written.
 */
export async function writeFileDurably(file: string, data: string | Uint8Array): Promise<void> {
  await putInPlace(file, data, true);
  await syncFolder(path.dirname(await followLink(file)));
}

/**
 * The same for what is only told to people later: whole whenever the program is killed, and only a crash of the
 * machine itself may take it back to what was there before. A disk that is busy takes tens of milliseconds for a sync,
 * for which a server that crashed would wait.
 */
export async function writeFileWhole(file: string, data: string | Uint8Array): Promise<void> {
  await putInPlace(file, data, false);
}

async function putInPlace(
  file: string,
  data: string | Uint8Array,
  isSynced: boolean,
): Promise<void> {
  const target = await followLink(file);
  const draft = `${target}${DRAFT}${process.pid}-${randomBytes(6).toString('hex')}`;
  writing.add(draft);
  try {
    await writeDraft(draft, target, data, isSynced);
    await rename(draft, target);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined); // the first error is the one to tell
    throw error;
  } finally {
    writing.delete(draft);
  }
}

/**
 * Names of drafts: our own; those of conf (through atomically), which has written `desktop.json`; and those of
 * write-file-atomic, which added a number to the name of a record, a report or the token.
 */
const DRAFT_NAME = /\.tmp-(?:\d+-[0-9a-f]{12}|\d{10}[0-9a-f]{6})$|(?:\.json|^token)\.\d{1,10}$/;

/** Whether a writer that was killed may have left a file of this name. */
export function isDraftName(name: string): boolean {
  return DRAFT_NAME.test(name);
}

/**
 * Removes what writers that were killed left in a folder, and in its folders down to `depth` more levels. Only
 * for the one process that writes there: what it is writing now stays.
 * @returns how many there were. Rejects with the system's error; a folder that is not there has none.
 */
export async function sweepDrafts(folder: string, depth = 0): Promise<number> {
  let removed = 0;
  for (const entry of await entriesOf(folder)) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory() && depth > 0) removed += await sweepDrafts(file, depth - 1);
    if (!entry.isFile() || !isDraftName(entry.name) || writing.has(file)) continue;
    if (await removeFile(file)) removed++;
  }
  return removed;
}

/** Whether it was there: a draft that was listed may have become its file since. */
async function removeFile(file: string): Promise<boolean> {
  try {
    await rm(file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

async function entriesOf(folder: string) {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** The same beside one file in a folder that other programs write into: only what a process left that is gone. */
export async function removeLeftDrafts(file: string): Promise<void> {
  const target = await followLink(file);
  const folder = path.dirname(target);
  for (const { name } of await entriesOf(folder)) {
    const draft = path.join(folder, name);
    const rest = draft.startsWith(`${target}${DRAFT}`) ? draft.slice(target.length) : undefined;
    const pid = /^\.tmp-(\d+)-[0-9a-f]{12}$/.exec(rest ?? '')?.[1];
    if (pid === undefined || writing.has(draft) || isElsewhere(Number(pid))) continue;
    await rm(draft, { force: true });
  }
}

/** Whether another process has this number: it may be writing now. */
function isElsewhere(pid: number): boolean {
  return pid !== process.pid && hasProcess(pid);
}

async function writeDraft(
  draft: string,
  target: string,
  data: string | Uint8Array,
  isSynced: boolean,
) {
  const handle = await open(draft, 'wx', PRIVATE);
  try {
    await handle.writeFile(data);
    await keepOwner(handle, target);
    if (isSynced) await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Root writing a person's file must not lock that person out of it. */
async function keepOwner(handle: FileHandle, target: string): Promise<void> {
  if (process.geteuid?.() !== 0) return;
  const before = await stat(target).catch(() => undefined); // there is none yet
  if (before) await handle.chown(before.uid, before.gid);
}

/** A link stays a link: what it points at is replaced. */
async function followLink(file: string): Promise<string> {
  try {
    return await realpath(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return file;
    throw error;
  }
}

/** File systems that cannot sync a folder (some network ones) say so with these. */
const NO_FOLDER_SYNC = ['EINVAL', 'ENOTSUP', 'EISDIR'];

/** A new name is on the disk only when its folder is. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } catch (error) {
    if (!NO_FOLDER_SYNC.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  } finally {
    await handle.close();
  }
}
