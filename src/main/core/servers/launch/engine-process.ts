import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { DomainError } from '@shared/errors';
import { execa } from 'execa';
import { sleep } from '../../ports/clock';
import type { Clock } from '../../ports';
import {
  isSameProcess,
  type ProcessInfo,
  readProcess,
  readProcessTable,
  treeOf,
} from '../../processes/process-table';
import { type StopOutcome, stopTree } from '../../processes/stop-tree';
import type { Exit } from './exit';
import type { Launch } from './launch';

/** What tells a process apart from every other, also after its number was used again. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly pgid: number;
  readonly startTime: string;
  readonly command: string;
}

/** How often the end of a process that is not our child is looked for. */
const ADOPTED_POLL_MS = 200;

/** One running engine process and its tree: our child, or one taken over from an earlier manager. */
export class EngineProcess {
  readonly identity: ProcessIdentity;
  /** Monotonic time of the spawn (or of the adoption). */
  readonly beganAt: number;
  /** Settles when the root process has ended; never rejects. */
  readonly exited: Promise<Exit>;
  readonly #clock: Clock;
  readonly #released = new AbortController();
  #seen: ProcessInfo[] = [];
  #exit: Exit | undefined;

  private constructor(identity: ProcessIdentity, exited: Promise<Exit>, clock: Clock) {
    this.identity = identity;
    this.#clock = clock;
    this.beganAt = clock.monotonic();
    this.exited = exited.then((exit) => {
      this.#exit = exit;
      return exit;
    });
  }

  /**
   * Starts the command in its own process group. Its stdout and stderr are the log file itself, opened
   * for appending: no pipe, so the server goes on when its manager dies.
   * @throws DomainError engine_missing, permission or engine_broken when it cannot be executed.
   */
  static async spawn(launch: Launch, logPath: string, clock: Clock): Promise<EngineProcess> {
    // A stream only because execa takes no bare descriptor: the child inherits the file itself.
    const log = createWriteStream(logPath, { flags: 'a', mode: 0o600 });
    await once(log, 'open');
    try {
      const child = execa(launch.file, [...launch.args], {
        cwd: launch.cwd,
        env: { ...launch.env },
        extendEnv: false,
        stdin: 'ignore',
        stdout: log,
        stderr: log,
        detached: true,
        cleanup: false,
        reject: false,
        buffer: false,
      });
      const { pid } = child;
      if (pid === undefined) throw spawnError(launch.file, await child);
      const exited = child.then(
        (result): Exit => ({
          code: result.exitCode ?? null,
          signal: (result.signal as NodeJS.Signals | undefined) ?? null,
        }),
      );
      const info = await readProcess(pid);
      const identity = {
        pid,
        pgid: pid,
        startTime: info?.startTime ?? 'ended',
        command: [launch.file, ...launch.args].join(' '),
      };
      return new EngineProcess(identity, exited, clock);
    } finally {
      log.destroy();
    }
  }

  /** Takes over a process that an earlier manager started; undefined when it is no longer the same one. */
  static async attach(identity: ProcessIdentity, clock: Clock): Promise<EngineProcess | undefined> {
    const now = await readProcess(identity.pid);
    if (!isSameProcess(identity, now) || now?.state === 'Z') return undefined;
    const released = new AbortController();
    const adopted = new EngineProcess(
      identity,
      waitForEnd(identity, clock, released.signal),
      clock,
    );
    adopted.#released.signal.addEventListener('abort', () => released.abort(), { once: true });
    return adopted;
  }

  /** Stands for a root that is already gone, so that what it left in its group can be ended. */
  static ended(identity: ProcessIdentity, clock: Clock): EngineProcess {
    return new EngineProcess(identity, Promise.resolve({ code: null, signal: null }), clock);
  }

  get exit(): Exit | undefined {
    return this.#exit;
  }

  /** The live tree; every member is remembered, so that one that leaves the group is still found. */
  async tree(): Promise<ProcessInfo[]> {
    return this.rememberTree(await readProcessTable());
  }

  /** As {@link tree}, from a table that was read anyway. */
  rememberTree(table: readonly ProcessInfo[]): ProcessInfo[] {
    const root = table.find((info) => info.pid === this.identity.pid);
    if (root && !isSameProcess(this.identity, root)) return [];
    const tree = treeOf(table, this.identity.pid, this.identity.pgid);
    const known = new Set(this.#seen.map((info) => `${info.pid} ${info.startTime}`));
    const fresh = tree.filter((info) => !known.has(`${info.pid} ${info.startTime}`));
    if (fresh.length > 0) this.#seen = [...this.#seen, ...fresh];
    return tree;
  }

  /** Ends the tree with proof: SIGTERM, SIGKILL after the grace, then a look at what is left. */
  async stop(graceMs: number, port: number): Promise<StopOutcome> {
    const outcome = await stopTree(
      { ...this.identity, port, seen: this.#seen },
      { graceMs, clock: this.#clock },
    );
    // Our own child is collected by Node a moment after it is gone from the table.
    if (outcome.gone) await Promise.race([this.exited, sleep(this.#clock, 500)]);
    return outcome;
  }

  /** Stops watching without touching the process. */
  release(): void {
    this.#released.abort();
  }
}

async function waitForEnd(
  identity: ProcessIdentity,
  clock: Clock,
  signal: AbortSignal,
): Promise<Exit> {
  while (!signal.aborted) {
    await sleep(clock, ADOPTED_POLL_MS, signal);
    const now = await readProcess(identity.pid);
    // Only its parent learns the exit code, and that parent is gone.
    if (!isSameProcess(identity, now) || now?.state === 'Z') return { code: null, signal: null };
  }
  return new Promise(() => undefined);
}

function spawnError(file: string, result: unknown): DomainError {
  const cause = result instanceof Error ? result : undefined;
  const code = findErrno(result);
  if (code === 'ENOENT') {
    return new DomainError('engine_missing', `The engine's program is not there: ${file}.`, {
      cause,
    });
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return new DomainError('permission', `The engine's program may not be executed: ${file}.`, {
      cause,
    });
  }
  const detail = cause?.message ?? 'unknown reason';
  return new DomainError('engine_broken', `The engine's program could not be executed: ${detail}`, {
    cause,
  });
}

function findErrno(value: unknown): string | undefined {
  for (let error = value; typeof error === 'object' && error !== null; ) {
    const { code, cause } = error as { code?: unknown; cause?: unknown };
    if (typeof code === 'string' && /^E[A-Z]+$/.test(code)) return code;
    error = cause;
  }
  return undefined;
}
