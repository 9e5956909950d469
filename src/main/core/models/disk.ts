import { type Stats, stat } from 'node:fs';
import { open } from 'node:fs/promises';

/** Folders that are looked at at the same time: a large library must not use up the descriptors. */
export const LOOKS = 8;

/** What a file is, without reading it: the same facts mean the same content. */
export interface FileFacts {
  /** A path that opens it. */
  readonly file: string;
  readonly size: number;
  readonly modifiedMs: number;
  readonly dev: number;
  readonly ino: number;
  /** Names that lead to the same bytes. */
  readonly links: number;
}

/**
 * What a path leads to, or undefined where nothing is there. Rejects with the system's error otherwise.
 * By callback: a library of a thousand models asks ten thousand times, and the promises of `node:fs` cost
 * twice as much as the system's answer.
 */
export function statOf(file: string): Promise<Stats | undefined> {
  return new Promise((resolve, reject) => {
    stat(file, (error, info) => {
      if (!error) resolve(info);
      else if (isAbsent(error)) resolve(undefined);
      else reject(error);
    });
  });
}

export function factsOf(file: string, info: Stats): FileFacts {
  const { size, mtimeMs, dev, ino, nlink } = info;
  return { file, size, modifiedMs: mtimeMs, dev, ino, links: nlink };
}

/**
 * Names a content without reading it: it changes with the file. Without the device's number, which is
 * another one after the machine was restarted.
 */
export function stampOf({ ino, size, modifiedMs }: Pick<FileFacts, 'ino' | 'size' | 'modifiedMs'>) {
  return `${ino}:${size}:${modifiedMs}`;
}

/** Names the file itself, whatever its names are. */
export function inodeOf({ dev, ino }: Pick<FileFacts, 'dev' | 'ino'>): string {
  return `${dev}:${ino}`;
}

export function isAbsent(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/** What vanishes or is closed to us while we look. */
export function isAccessError(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  return ['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'ELOOP', 'EIO', 'ESTALE', 'ENXIO'].includes(code);
}

/** The first bytes of a file as text; undefined when it cannot be read. */
export async function readBeginning(file: string, bytes: number): Promise<string | undefined> {
  const handle = await open(file, 'r').catch(() => undefined);
  if (!handle) return undefined;
  try {
    const buffer = Buffer.alloc(bytes);
    const { bytesRead } = await handle.read(buffer, 0, bytes, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } catch {
    return undefined; // went away while it was read
  } finally {
    await handle.close();
  }
}
