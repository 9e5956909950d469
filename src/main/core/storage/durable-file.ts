import { randomBytes } from 'node:crypto';
import { type FileHandle, open, readdir, realpath, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';

const PRIVATE = 0o600;

/**
 * Puts `data` in the place of a file: whole and on the disk when it resolves, the old file untouched
 * when it rejects with the system's error.
 *
 * Not by a library: conf 16 (through atomically 2) and write-file-atomic 8 call write(2) once and do
 * not look at its count, so that a disk with a little room left takes the beginning, and half a file
 * is renamed over the good one as a success. `FileHandle.writeFile` goes on until all is written.
 */
export async function writeFileDurably(file: string, data: string | Uint8Array): Promise<void> {
  const target = await followLink(file);
  const draft = `${target}${DRAFT}${process.pid}-${randomBytes(6).toString('hex')}`;
  try {
    await writeDraft(draft, target, data);
    await rename(draft, target);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined); // the first error is the one to tell
    throw error;
  }
  await syncFolder(path.dirname(target));
}

/** What stands between a file's name and the rest of its drafts' names. */
const DRAFT = '.tmp-';

/** Removes what writers that were killed left beside a file. Only for the one who may write it. */
export async function removeOldDrafts(file: string): Promise<void> {
  const target = await followLink(file);
  const folder = path.dirname(target);
  const drafts = `${path.basename(target)}${DRAFT}`;
  for (const name of await readdir(folder)) {
    const isOld = name.startsWith(drafts) && !name.startsWith(`${drafts}${process.pid}-`);
    if (isOld) await rm(path.join(folder, name), { force: true });
  }
}

async function writeDraft(draft: string, target: string, data: string | Uint8Array) {
  const handle = await open(draft, 'wx', PRIVATE);
  try {
    await handle.writeFile(data);
    await keepOwner(handle, target);
    await handle.sync();
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
