import { appendFileSync, ftruncateSync, readSync } from 'node:fs';
import { copyFile, type FileHandle, open, rm } from 'node:fs/promises';
import { sizeOf } from './segments';

/**
 * Copies a log into `target` and empties it; the writer's O_APPEND goes on at its new end. `handle` is
 * the log, open for reading and writing, `buffer` any room for reading. Returns how much was copied.
 * Rejects with the system's error; then the log is as it was and there is no copy.
 */
export async function copyAndCut(
  log: string,
  handle: FileHandle,
  target: string,
  buffer: Buffer,
): Promise<number> {
  try {
    await copyFile(log, target);
    const copied = await appendRest(handle, target, buffer);
    return cutAfterRest(handle.fd, target, copied, buffer);
  } catch (error) {
    // Half a copy would only take room.
    await rm(target, { force: true });
    throw error;
  }
}

/** Adds to the copy what was written while it was made; returns the copy's length. */
async function appendRest(handle: FileHandle, target: string, buffer: Buffer): Promise<number> {
  const out = await open(target, 'a', 0o600);
  try {
    let length = (await out.stat()).size;
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, length);
      if (bytesRead === 0) return length;
      await out.appendFile(buffer.subarray(0, bytesRead));
      length += bytesRead;
    }
  } finally {
    await out.close();
  }
}

/** The last of it and the cut in one go: what is written in between is all that can be lost. */
function cutAfterRest(fd: number, target: string, length: number, buffer: Buffer): number {
  let copied = length;
  for (;;) {
    const bytes = readSync(fd, buffer, 0, buffer.length, copied);
    if (bytes === 0) break;
    appendFileSync(target, buffer.subarray(0, bytes));
    copied += bytes;
  }
  ftruncateSync(fd, 0);
  return copied;
}

/** Bytes of a copy that {@link copyAndCut} had made, and whether the log was cut after it. */
export interface LeftCopy {
  readonly bytes: number;
  readonly wasCut: boolean;
}

/** What a manager that died in a rotation left behind; undefined when there is no such copy. */
export async function findLeftCopy(log: string, target: string): Promise<LeftCopy | undefined> {
  const [bytes, size = 0] = await Promise.all([sizeOf(target), sizeOf(log)]);
  if (bytes === undefined) return undefined;
  // An uncut log still holds everything that its copy does.
  return { bytes, wasCut: size < bytes || !(await beginsLike(log, target)) };
}

const BEGINNING_BYTES = 4096;

async function beginsLike(log: string, copy: string): Promise<boolean> {
  const [whole, part] = [await beginning(log), await beginning(copy)];
  return whole.subarray(0, part.length).equals(part);
}

async function beginning(file: string): Promise<Buffer> {
  const handle = await open(file, 'r');
  try {
    const room = Buffer.alloc(BEGINNING_BYTES);
    const { bytesRead } = await handle.read(room, 0, room.length, 0);
    return room.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
