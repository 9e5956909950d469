import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

import { DomainError } from '@shared/errors';

export interface ToolRun {
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

/** After SIGTERM, how long a tool's processes may take to leave. */
const KILL_AFTER_MS = 2000;
/** After SIGKILL, how long its pipes may stay open in the hands of a descendant. */
const GIVE_UP_AFTER_MS = 2000;
const MAX_OUTPUT = 4_000_000;

/**
 * Runs an installer tool in a process group of its own, without a shell. Abort and the time limit
 * end the whole group, so that what the tool started does not go on.
 * @throws DomainError `cancelled` when the signal aborted, `engine_missing` when it cannot be run.
 */
export async function runTool(run: ToolRun): Promise<ToolResult> {
  throwIfCancelled(run.signal);
  const child = spawn(run.file, [...run.args], {
    env: { ...run.env },
    ...(run.cwd === undefined ? {} : { cwd: run.cwd }),
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<Pick<ToolResult, 'code' | 'signal'>>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  const texts = { stdout: '', output: '' };
  const take = (line: string, isStdout: boolean): void => {
    if (isStdout && texts.stdout.length < MAX_OUTPUT) texts.stdout += `${line}\n`;
    if (texts.output.length < MAX_OUTPUT) texts.output += `${line}\n`;
    if (line.trim() !== '') run.onLine?.(line);
  };
  createInterface({ input: child.stdout }).on('line', (line) => take(line, true));
  createInterface({ input: child.stderr }).on('line', (line) => take(line, false));
  let timedOut = false;
  const group = new GroupEnd(child.pid);
  const stop = (): void => group.end(() => [child.stdout.destroy(), child.stderr.destroy()]);
  const limit =
    run.limitMs === undefined
      ? undefined
      : setTimeout(() => {
          timedOut = true;
          stop();
        }, run.limitMs);
  run.signal?.addEventListener('abort', stop, { once: true });
  try {
    const end = await ended;
    throwIfCancelled(run.signal);
    return { ...end, ...texts, timedOut };
  } catch (error) {
    if (error instanceof DomainError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new DomainError('engine_missing', `${run.file} cannot be run: ${reason}.`, {
      cause: error,
    });
  } finally {
    clearTimeout(limit);
    run.signal?.removeEventListener('abort', stop);
    group.finish();
  }
}

/** @throws DomainError `cancelled` when the signal has aborted. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new DomainError('cancelled', 'It was cancelled.');
}

/** SIGTERM, then SIGKILL, to a process group that we made. */
class GroupEnd {
  readonly #pid: number | undefined;
  #timers: NodeJS.Timeout[] = [];

  constructor(pid: number | undefined) {
    this.#pid = pid;
  }

  end(giveUp: () => void): void {
    if (this.#timers.length > 0) return;
    this.#signal('SIGTERM');
    this.#timers.push(setTimeout(() => this.#signal('SIGKILL'), KILL_AFTER_MS));
    this.#timers.push(setTimeout(giveUp, KILL_AFTER_MS + GIVE_UP_AFTER_MS));
  }

  /** The tool has ended; what it left in its group ends too. */
  finish(): void {
    if (this.#timers.length > 0) this.#signal('SIGKILL');
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #signal(signal: NodeJS.Signals): void {
    if (this.#pid === undefined) return;
    try {
      process.kill(-this.#pid, signal);
    } catch (error) {
      // ESRCH: nobody is left in the group, which is what we want.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}
