import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

import { DomainError, messageOf } from '@shared/errors';

import type { Clock, Logger } from '../../ports';
import { sleep } from '../../ports/clock';
import type { Processes } from '../../ports/processes';
import { type OwnedTool, type OwnedTools, reasonOfOutcome, type ToolPurpose } from './owned-tools';
import type { ToolRecord } from './tool-records';

export interface ToolRun extends ToolPurpose {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Longest time the tool may take, ms. */
  readonly limitMs?: number | undefined;
  /** Each line of both outputs, as it arrives. */
  readonly onLine?: ((line: string) => void) | undefined;
}

export interface ToolResult {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  /** Both outputs in order of arrival. */
  readonly output: string;
  readonly timedOut: boolean;
}

/** Runs a tool to its end; see {@link ToolRunner.run}. */
export type RunTool = (run: ToolRun) => Promise<ToolResult>;

export interface ToolRunnerOptions {
  readonly tools: OwnedTools;
  readonly processes: Processes;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A process with the outputs that {@link start} gives it. */
type Child = ChildProcess & { readonly stdout: Readable; readonly stderr: Readable };

/** How the wait for a tool ended; `open`: it has ended, and something that it started is still there. */
type Over = 'closed' | 'open' | 'late' | 'aborted';

const MAX_OUTPUT = 4_000_000;
/** After the end of a tool, how long its outputs may stay open, ms. */
const CLOSE_MS = 2000;

/** The system's answers to a program that cannot be executed, whenever it is tried. */
const NO_PROGRAM: readonly unknown[] = ['ENOENT', 'ENOTDIR', 'ELOOP', 'ENOEXEC', 'EBADARCH'];
const NO_PERMISSION: readonly unknown[] = ['EACCES', 'EPERM'];

/** A tool was to end, and there is no proof that it did. */
export class ToolLeftError extends DomainError {
  constructor(what: string, reason: string) {
    super('in_use', `${what} couldn't be ended: ${reason}.`);
    this.name = 'ToolLeftError';
  }
}

/**
 * Runs tools: uv, pip, a Python that is asked something, an engine that tells its options. Each runs without a
 * shell in a process group of its own, is on record while it lives, and ends with all that it started.
 */
export class ToolRunner {
  readonly #options: ToolRunnerOptions;

  constructor(options: ToolRunnerOptions) {
    this.#options = options;
  }

  /**
   * Arrow function: handed to what needs a tool. Abort and the time limit end the tool; it has ended when this
   * settles, except where that could not be proven.
   * @throws DomainError `cancelled` when the signal aborted, `engine_missing` or `permission` when the program
   * cannot be executed, `internal` when the system could not start it now; ToolLeftError when it was to end and may
   * be there still.
   */
  readonly run: RunTool = async (run) => {
    throwIfCancelled(run.signal);
    const owned = await this.#options.tools.own(run);
    const { child, pid } = await start(run, owned);
    const texts = collectOutput(child, run.onLine);
    const over = this.#untilClosed(child);
    const process = await this.#identify(pid, owned);
    const why = await this.#untilOver(run, over);
    try {
      const isOver = why === 'closed' && isGroupEmpty(process.pgid);
      const left = isOver ? undefined : await this.#end(owned, process);
      if (left !== undefined) throw new ToolLeftError(run.what, left);
      if (why === 'late' || why === 'aborted')
        await Promise.race([over, sleep(this.#options.clock, CLOSE_MS)]);
    } finally {
      child.stdout.destroy();
      child.stderr.destroy();
    }
    await owned.ended();
    throwIfCancelled(run.signal);
    const { exitCode: code, signalCode: signal } = child;
    return { code, signal, ...texts, timedOut: why === 'late' };
  };

  /** Its outputs are closed, or it has ended and something that it started keeps them open. */
  async #untilClosed(child: ChildProcess): Promise<'closed' | 'open'> {
    const closed = once(child, 'close').then(() => 'closed' as const);
    await Promise.race([once(child, 'exit'), closed]);
    const late = sleep(this.#options.clock, CLOSE_MS).then(() => 'open' as const);
    return Promise.race([closed, late]);
  }

  /** What it is to the system, on record; '' for a start that could not be told, so that its mark alone tells. */
  async #identify(pid: number, owned: OwnedTool): Promise<NonNullable<ToolRecord['process']>> {
    const seen = await this.#options.processes.read(pid);
    const startTime = seen.known ? (seen.value?.startTime ?? '') : '';
    const process = { pid, pgid: pid, startTime };
    await owned.began(process).catch((error: unknown) => {
      // It can still be found by its mark.
      this.#options.logger.warn('The process of a tool could not be put on record', {
        error: String(error),
      });
    });
    return process;
  }

  async #untilOver(run: ToolRun, over: Promise<'closed' | 'open'>): Promise<Over> {
    const done = new AbortController();
    const waits: Promise<Over>[] = [over];
    if (run.limitMs !== undefined) {
      waits.push(sleep(this.#options.clock, run.limitMs, done.signal).then(() => 'late'));
    }
    const { signal } = run;
    if (signal) waits.push(aborted(signal, done.signal).then(() => 'aborted'));
    try {
      return await Promise.race(waits);
    } finally {
      done.abort();
    }
  }

  /** @returns why there is no proof of its end; undefined with one. */
  async #end(
    owned: OwnedTool,
    process: NonNullable<ToolRecord['process']>,
  ): Promise<string | undefined> {
    const outcome = await this.#options.tools.end({ mark: owned.mark, process }, true);
    if (outcome.kind === 'gone') return undefined;
    const reason = reasonOfOutcome(outcome);
    owned.left(reason);
    return reason;
  }
}

/** @throws DomainError `cancelled` when the signal has aborted. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new DomainError('cancelled', 'Canceled.');
}

/** Resolves when the signal aborts, or when nobody waits any more. */
function aborted(signal: AbortSignal, done: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const finish = (): void => {
      signal.removeEventListener('abort', finish);
      done.removeEventListener('abort', finish);
      resolve();
    };
    signal.addEventListener('abort', finish, { once: true });
    done.addEventListener('abort', finish, { once: true });
  });
}

/** The process of a tool, which has a number; what could not be started is off the record again. */
async function start(run: ToolRun, owned: OwnedTool): Promise<{ child: Child; pid: number }> {
  try {
    const child = spawn(run.file, [...run.args], {
      env: { ...run.env, [owned.mark.name]: owned.mark.value },
      ...(run.cwd === undefined ? {} : { cwd: run.cwd }),
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    // Without a listener an error would end this program.
    const failed = new Promise<Error>((resolve) => child.on('error', resolve));
    if (child.pid === undefined) throw await failed;
    return { child, pid: child.pid };
  } catch (error) {
    await owned.ended();
    throw spawnError(run.file, error);
  }
}

function collectOutput(
  { stdout, stderr }: Child,
  onLine: ToolRun['onLine'],
): { stdout: string; output: string } {
  const texts = { stdout: '', output: '' };
  const take = (line: string, isStdout: boolean): void => {
    if (isStdout && texts.stdout.length < MAX_OUTPUT) texts.stdout += `${line}\n`;
    if (texts.output.length < MAX_OUTPUT) texts.output += `${line}\n`;
    if (line.trim() !== '') onLine?.(line);
  };
  createInterface({ input: stdout }).on('line', (line) => take(line, true));
  createInterface({ input: stderr }).on('line', (line) => take(line, false));
  return texts;
}

/** Whether a group that we made has no member: then a tool that has ended left nothing behind. */
function isGroupEmpty(pgid: number): boolean {
  try {
    process.kill(-pgid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

function spawnError(file: string, error: unknown): DomainError {
  const { code } = error as NodeJS.ErrnoException;
  const reason = messageOf(error);
  const kind = NO_PROGRAM.includes(code)
    ? 'engine_missing'
    : NO_PERMISSION.includes(code)
      ? 'permission'
      : 'internal';
  return new DomainError(kind, `${file} can't be run: ${reason}.`, { cause: error });
}
