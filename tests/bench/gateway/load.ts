import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';

import { z } from 'zod';

import { versionOf } from '../peer-run';

/** Where a load goes and what each of its requests is. */
export interface Aim {
  readonly port: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface RequestsOrder extends Aim {
  readonly connections: number;
  readonly seconds: number;
}

export interface StreamsOrder extends Aim {
  readonly streams: number;
  /** Ms between two chunks of a stream. */
  readonly gapMs: number;
  /** Connections that stay open beside them and say nothing. */
  readonly idle?: number;
  /** Each stream is followed by another one for so long. */
  readonly loopSeconds?: number;
}

const RequestsResult = z.object({
  requests: z.number(),
  errors: z.number(),
  p50Us: z.number(),
  p99Us: z.number(),
  /** One answer with its head. */
  sample: z.string(),
});
export type RequestsResult = z.infer<typeof RequestsResult>;

const StreamsResult = z.object({
  chunks: z.number(),
  /** Reads of a socket that had a chunk, and those that had several. */
  reads: z.number(),
  severalAtOnce: z.number(),
  /** Streams that were cut or refused; chunks that were missing, doubled or out of order; idle connections that were lost. */
  errors: z.number(),
  disorder: z.number(),
  idleLost: z.number(),
  /** From the engine's write to the client's read. */
  p50Us: z.number(),
  p99Us: z.number(),
  maxUs: z.number(),
});
export type StreamsResult = z.infer<typeof StreamsResult>;

/** Of the measured program, and of everything else. */
export const SUBJECT_CORE = 0;
const LOAD_CORE = 1;

export async function loadRequests(order: RequestsOrder, pinned = true): Promise<RequestsResult> {
  return RequestsResult.parse(await load({ kind: 'requests', ...order }, pinned));
}

export async function loadStreams(order: StreamsOrder, pinned = true): Promise<StreamsResult> {
  return StreamsResult.parse(await load({ kind: 'streams', ...order }, pinned));
}

let canPin: boolean | undefined;

/** Gives the measured program a core of its own and the engine that of the load, or both every core again. */
export async function pin(subject: number | undefined, engine: number): Promise<boolean> {
  canPin ??= (await versionOf('taskset', '--version')) !== undefined;
  if (!canPin) return false;
  if (subject !== undefined) await taskset(SUBJECT_CORE, subject);
  await taskset(LOAD_CORE, engine);
  return true;
}

export async function unpin(...pids: readonly number[]): Promise<void> {
  if (canPin) for (const pid of pids) await taskset('0-4095', pid);
}

async function taskset(core: number | string, pid: number): Promise<void> {
  // Every thread of it.
  const child = spawn('taskset', ['-a', '-cp', String(core), String(pid)], { stdio: 'ignore' });
  await once(child, 'exit');
}

async function load(order: object, pinned: boolean): Promise<unknown> {
  const words = [
    process.execPath,
    resolve('tests/bench/gateway/load-program.mjs'),
    JSON.stringify(order),
  ];
  const [file = '', ...args] =
    pinned && canPin ? ['taskset', '-c', String(LOAD_CORE), ...words] : words;
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [said, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  if (code !== 0) throw new Error(`The load ended with ${code}.`);
  return JSON.parse(said);
}
