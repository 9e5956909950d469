import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { DomainError } from '@shared/errors';
import { z } from 'zod';
import { isSameProcess, readProcess } from '../processes/process-table';

const Holder = z.object({ pid: z.number(), startTime: z.string() });
type Holder = z.infer<typeof Holder>;

/** The right to write into a data folder; one process has it at a time. */
export interface HomeLock {
  release(): Promise<void>;
}

const ATTEMPTS = 20;

/**
 * Takes the data folder for this process. A lock whose process is gone, or whose number belongs to
 * another process now, is taken over.
 * @throws DomainError already_running with the holder's pid.
 */
export async function lockHome(home: string): Promise<HomeLock> {
  const file = lockFile(home);
  const me = await readProcess(process.pid);
  const own: Holder = { pid: process.pid, startTime: me?.startTime ?? '' };
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (await create(file, own)) return { release: () => release(file, own) };
    const holder = await readHolder(file);
    if (holder && (await isAlive(holder))) throw alreadyRunning(home, holder.pid);
    await removeStale(file);
  }
  throw new DomainError('internal', `${file} could not be taken: it changes all the time.`);
}

/** The process that has the data folder now, or undefined. */
export async function readLock(home: string): Promise<{ pid: number } | undefined> {
  const holder = await readHolder(lockFile(home));
  return holder && (await isAlive(holder)) ? { pid: holder.pid } : undefined;
}

function lockFile(home: string): string {
  return path.join(home, 'manager.lock');
}

/** A link appears whole or not at all, so that nobody reads half a lock. */
async function create(file: string, own: Holder): Promise<boolean> {
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, JSON.stringify(own), { mode: 0o600 });
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function readHolder(file: string): Promise<Holder | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return Holder.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined; // no lock of ours was ever written like this: stale
  }
}

async function isAlive(holder: Holder): Promise<boolean> {
  const now = await readProcess(holder.pid);
  return isSameProcess(holder, now) && now?.state !== 'Z';
}

/** Moves a stale lock aside; a fresh one that somebody took meanwhile is put back. */
async function removeStale(file: string): Promise<void> {
  const aside = `${file}.stale-${randomUUID()}`;
  try {
    await rename(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const moved = await readHolder(aside);
  if (moved && (await isAlive(moved))) await link(aside, file).catch(() => undefined);
  await rm(aside, { force: true });
}

async function release(file: string, own: Holder): Promise<void> {
  const holder = await readHolder(file);
  if (holder && isSameProcess(holder, { ...own })) await rm(file, { force: true });
}

function alreadyRunning(home: string, pid: number): DomainError {
  return new DomainError('already_running', `A manager already runs on ${home} (pid ${pid}).`, {
    data: { pid, url: null },
  });
}
