import { createHash, randomUUID } from 'node:crypto';
import { link, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { z } from 'zod';

import { DomainError } from '@shared/errors';

import type { Processes } from '../ports/processes';
import { hasProcess, isAlive, readSelf } from '../processes/liveness';
import { openProcesses } from '../processes/open-processes';
import { writeError } from './write-error';

/** `startTime` is empty where the system would not tell; `nonce` makes no two locks equal. */
const Holder = z.object({
  pid: z.int().positive(),
  startTime: z.string(),
  nonce: z.string().optional(),
  /** Where a manager is reached; a command that works alone listens nowhere. */
  socket: z.string().optional(),
});
type Holder = z.infer<typeof Holder>;

/** Who has a data folder. */
export interface LockHolder {
  readonly pid: number;
  /** Absent where the holder is a command that works alone. */
  readonly socket?: string;
}

/** A lock file as it was read; without a holder it is none of ours. */
interface Found {
  readonly text: string;
  readonly holder: Holder | undefined;
}

/** The right to write into a data folder; one process has it at a time. */
export interface HomeLock {
  release(): Promise<void>;
}

const SYSTEM = openProcesses();

/** About three seconds, where others remove the same dead lock; they need a few milliseconds. */
const ATTEMPTS = 200;
const WAIT_MS = 15;

/**
 * Takes the data folder for this process. A lock whose process is gone, or whose number belongs to
 * another process now, is taken over; one of which that cannot be told is not.
 * @param socket where the holder will be reached: whoever has another temporary folder, or comes through a link,
 *   would look for it elsewhere.
 * @throws DomainError already_running with the holder's pid; permission, disk_full.
 */
export async function lockHome(
  home: string,
  socket?: string,
  processes: Processes = SYSTEM,
): Promise<HomeLock> {
  const file = lockFile(home);
  const self = await readSelf(processes);
  const own = JSON.stringify({
    ...self,
    nonce: randomUUID(),
    ...(socket === undefined ? {} : { socket }),
  } satisfies Holder);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (await create(file, own)) {
      await sweep(file);
      return { release: () => release(file, own) };
    }
    const found = await read(file);
    if (found?.holder) {
      const alive = await isAlive(processes, found.holder);
      if (!alive.known) throw notTold(home, found.holder.pid, alive.reason);
      if (alive.value) throw alreadyRunning(home, found.holder.pid);
    }
    if (found) await removeDead(file, found.text, own, processes);
  }
  throw new DomainError('internal', `Couldn't lock ${file} because it keeps changing.`);
}

/** The process that has the data folder now, or undefined. */
export async function readLock(
  home: string,
  processes: Processes = SYSTEM,
): Promise<LockHolder | undefined> {
  const found = await read(lockFile(home));
  if (!found?.holder || !(await mayLive(processes, found.holder))) return undefined;
  const { pid, socket } = found.holder;
  return { pid, ...(socket === undefined ? {} : { socket }) };
}

/** Only one that is known to be gone is not. */
async function mayLive(processes: Processes, holder: Holder): Promise<boolean> {
  const alive = await isAlive(processes, holder);
  return !alive.known || alive.value;
}

function lockFile(home: string): string {
  return path.join(home, 'manager.lock');
}

const DRAFT = '.draft-';
const TAKEOVER = '.takeover-';

/** A link appears whole or not at all, so that nobody reads half a lock. */
async function create(file: string, own: string): Promise<boolean> {
  const draft = `${file}${DRAFT}${process.pid}-${randomUUID()}`;
  try {
    await writeFile(draft, own, { mode: 0o600 });
    await link(draft, file);
    return true;
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (syscall === 'link' && (code === 'EPERM' || code === 'ENOTSUP')) throw noLinks(file, error);
    throw writeError(file, error);
  } finally {
    await rm(draft, { force: true });
  }
}

/**
 * Removes a dead lock, and never a fresh one that somebody took meanwhile: only who holds the guard
 * named after this very content may remove it, so that between the look and the removal nobody else
 * can. A guard whose holder was killed is a dead lock itself.
 */
async function removeDead(
  file: string,
  deadText: string,
  own: string,
  processes: Processes,
): Promise<void> {
  const name = createHash('sha256').update(deadText).digest('hex').slice(0, 16);
  const guard = `${file}${TAKEOVER}${name}`;
  if (await create(guard, own)) {
    try {
      if ((await read(file))?.text === deadText) await rm(file, { force: true });
    } finally {
      await rm(guard, { force: true });
    }
    return;
  }
  const other = await read(guard);
  if (!other) return;
  if (other.holder && (await mayLive(processes, other.holder))) {
    await sleep(Math.random() * WAIT_MS);
  } else await removeDead(guard, other.text, own, processes);
}

async function read(file: string): Promise<Found | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return { text, holder: Holder.safeParse(JSON.parse(text)).data };
  } catch {
    return { text, holder: undefined }; // no lock of ours was ever written like this
  }
}

/**
 * Removes what killed contenders left. A guard can go whoever made it, since the lock it is named
 * after never comes back; a draft only when its process is gone.
 */
async function sweep(file: string): Promise<void> {
  const folder = path.dirname(file);
  const lock = path.basename(file);
  for (const name of await readdir(folder)) {
    const draftOf = new RegExp(`${DRAFT}(\\d+)-[^.]+$`).exec(name)?.[1];
    const isLeft =
      draftOf === undefined ? name.startsWith(lock + TAKEOVER) : !hasProcess(Number(draftOf));
    if (name.startsWith(`${lock}.`) && isLeft) await rm(path.join(folder, name), { force: true });
  }
}

async function release(file: string, own: string): Promise<void> {
  if ((await read(file))?.text === own) await rm(file, { force: true });
}

function alreadyRunning(home: string, pid: number): DomainError {
  return new DomainError(
    'already_running',
    `MLX Manager is already running with ${home} (pid ${pid}).`,
    {
      data: { pid, url: null },
    },
  );
}

function notTold(home: string, pid: number, reason: string): DomainError {
  return new DomainError(
    'already_running',
    `MLX Manager may already be running with ${home}: process ${pid} holds the lock, but MLX Manager can't tell what it is (${reason}).`,
    { data: { pid, url: null } },
  );
}

function noLinks(file: string, cause: unknown): DomainError {
  return new DomainError(
    'internal',
    `Can't create ${file} because its disk doesn't support hard links (exFAT, for example). Choose another data folder with MLX_MANAGER_HOME.`,
    { cause },
  );
}
