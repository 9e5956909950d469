// Runs in a worker thread, so that hashing gigabytes never holds up the manager. Plain Node alone, and
// no path aliases: where the sources are run as they are, Node strips the types of this file itself.
import { createHash, type Hash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';

export type HashOrder =
  | { kind: 'open'; id: number; path: string; algorithm: 'sha256' | 'sha1'; prefix: string }
  /** The file has its bytes up to here now. */
  | { kind: 'advance'; id: number; to: number }
  | { kind: 'finish'; id: number }
  | { kind: 'close'; id: number };

export type HashReport =
  | { kind: 'hashed'; id: number; at: number }
  | { kind: 'digest'; id: number; digest: string }
  | { kind: 'error'; id: number; message: string; code: string };

interface Job {
  fd: number;
  hash: Hash;
  at: number;
  to: number;
  finishing: boolean;
}

/** Read at once; larger pieces do not hash faster. */
const READ_BYTES = 1 << 20;
/** Hashed of one file before the others have their turn. */
const TURN_BYTES = 32 << 20;

const jobs = new Map<number, Job>();
const buffer = Buffer.allocUnsafe(READ_BYTES);
let isWorking = false;

parentPort?.on('message', (order: HashOrder) => {
  try {
    take(order);
  } catch (error) {
    fail(order.id, error);
  }
  if (!isWorking) {
    isWorking = true;
    setImmediate(work);
  }
});

function take(order: HashOrder): void {
  if (order.kind === 'open') {
    const hash = createHash(order.algorithm).update(order.prefix);
    const fd = openSync(order.path, 'r');
    jobs.set(order.id, { fd, hash, at: 0, to: 0, finishing: false });
    return;
  }
  const job = jobs.get(order.id);
  if (!job) return;
  if (order.kind === 'advance') job.to = Math.max(job.to, order.to);
  else if (order.kind === 'finish') job.finishing = true;
  else end(order.id, job);
}

/** A turn of each file that has something to do, until none has. */
function work(): void {
  let hasMore = false;
  for (const [id, job] of jobs) {
    try {
      hash(id, job);
      hasMore ||= job.at < job.to;
    } catch (error) {
      fail(id, error);
    }
  }
  isWorking = hasMore;
  if (hasMore) setImmediate(work);
}

function hash(id: number, job: Job): void {
  const began = job.at;
  while (job.at < job.to && job.at - began < TURN_BYTES) {
    const wanted = Math.min(READ_BYTES, job.to - job.at);
    const got = readSync(job.fd, buffer, 0, wanted, job.at);
    if (got === 0) throw new Error('the file is shorter than it was');
    job.hash.update(buffer.subarray(0, got));
    job.at += got;
  }
  if (job.at > began) report({ kind: 'hashed', id, at: job.at });
  if (job.finishing && job.at >= job.to) {
    report({ kind: 'digest', id, digest: job.hash.digest('hex') });
    end(id, job);
  }
}

function fail(id: number, error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  // What the system does not name is a file that cannot be read as a file should be.
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'EIO';
  report({ kind: 'error', id, message, code });
  const job = jobs.get(id);
  if (job) end(id, job);
}

function end(id: number, job: Job): void {
  jobs.delete(id);
  closeSync(job.fd);
}

function report(message: HashReport): void {
  parentPort?.postMessage(message);
}
