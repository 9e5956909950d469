import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { DomainError } from '@shared/errors';
import { execa } from 'execa';
import { sleep } from '../../ports/clock';
import type { Clock } from '../../ports';
import type { ProcessInfo, Processes, Seen } from '../../ports/processes';
import { isSameProcess } from '../../processes/identity';
import { findTree } from '../../processes/process-tree';
import { lookAtTree, type StopOutcome, type StopTarget, stopTree } from '../../processes/stop-tree';
import type { Exit } from './exit';
import type { Launch } from './launch';
import { NONCE_VARIABLE } from './ownership';

/** What tells a process apart from every other, also after its number was used again. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly pgid: number;
  readonly startTime: string;
  readonly command: string;
}

/** Stands for the process of a record that was cut off before it was known. */
export const NOBODY: ProcessIdentity = {
  pid: 0,
  pgid: 0,
  startTime: '',
  command: 'unknown program',
};

/** How often the end of a process that is not our child is looked for. */
const ADOPTED_POLL_MS = 200;

/** What an engine's process is watched with. */
export interface ProcessContext {
  readonly clock: Clock;
  readonly processes: Processes;
}

/** One running engine process and its tree: our child, or one taken over from an earlier manager. */
export class EngineProcess {
  readonly identity: ProcessIdentity;
  /** Monotonic time of the spawn (or of the adoption). */
  readonly beganAt: number;
  /** Settles when the root process has ended; never rejects. */
  readonly exited: Promise<Exit>;
  readonly #context: ProcessContext;
  readonly #nonce: string;
  readonly #released = new AbortController();
  /** The root was alive under watch, so that its group is ours also after its end. */
  readonly #wasWatched: boolean;
  #seen: ProcessInfo[] = [];
  #exit: Exit | undefined;

  private constructor(
    identity: ProcessIdentity,
    nonce: string,
    exited: Promise<Exit>,
    context: ProcessContext,
    wasWatched: boolean,
  ) {
    this.identity = identity;
    this.#nonce = nonce;
    this.#context = context;
    this.#wasWatched = wasWatched;
    this.beganAt = context.clock.monotonic();
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
  static async spawn(
    launch: Launch,
    logPath: string,
    context: ProcessContext,
  ): Promise<EngineProcess> {
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
      const identity = {
        pid,
        pgid: pid,
        startTime: await startTimeOf(pid, context, exited),
        command: [launch.file, ...launch.args].join(' '),
      };
      const nonce = launch.env[NONCE_VARIABLE] ?? '';
      return new EngineProcess(identity, nonce, exited, context, true);
    } finally {
      log.destroy();
    }
  }

  /**
   * Takes over a process that an earlier manager started; undefined when it is no longer the same one, unknown
   * when that could not be told.
   */
  static async attach(
    identity: ProcessIdentity,
    nonce: string,
    context: ProcessContext,
  ): Promise<Seen<EngineProcess | undefined>> {
    const now = await context.processes.read(identity.pid);
    if (!now.known) return now;
    if (!isSameProcess(identity, now.value) || now.value?.state === 'Z') {
      return { known: true, value: undefined };
    }
    const released = new AbortController();
    const end = waitForEnd(identity, context, released.signal);
    const adopted = new EngineProcess(identity, nonce, end, context, true);
    adopted.#released.signal.addEventListener('abort', () => released.abort(), { once: true });
    return { known: true, value: adopted };
  }

  /** Stands for a root that is gone, or may be, so that what it left can be ended. */
  static ended(identity: ProcessIdentity, nonce: string, context: ProcessContext): EngineProcess {
    const exited = Promise.resolve({ code: null, signal: null });
    return new EngineProcess(identity, nonce, exited, context, false);
  }

  get exit(): Exit | undefined {
    return this.#exit;
  }

  /** The live tree; every member is remembered, so that one that leaves the group is still found. */
  async tree(): Promise<Seen<ProcessInfo[]>> {
    const table = await this.#context.processes.list();
    return table.known ? { known: true, value: this.rememberTree(table.value) } : table;
  }

  /** As {@link tree}, with those that only their environment gives away: a program that made itself a daemon. */
  async wholeTree(): Promise<Seen<ProcessInfo[]>> {
    const look = await lookAtTree(this.#target(), this.#seen, true, this.#context.processes);
    if (!look.known) return look;
    if (typeof look.missing === 'object') return { known: false, reason: look.missing.reason };
    return { known: true, value: this.#remember([...look.members]) };
  }

  /** As {@link tree}, from a table that was read anyway. */
  rememberTree(table: readonly ProcessInfo[]): ProcessInfo[] {
    const clues = { remembered: this.#seen, carriers: [], wasWatched: this.#wasWatched };
    return this.#remember(findTree(table, this.identity, clues));
  }

  /** Ends the tree with proof: SIGTERM, SIGKILL after the grace, then a look at what is left. */
  async stop(graceMs: number, port: number): Promise<StopOutcome> {
    const { clock } = this.#context;
    const outcome = await stopTree({ ...this.#target(), port }, { graceMs, ...this.#context });
    // Our own child is collected by Node a moment after it is gone from the table.
    if (outcome.kind === 'gone') await Promise.race([this.exited, sleep(clock, 500)]);
    return outcome;
  }

  #target(): StopTarget {
    return {
      ...this.identity,
      ...(this.#nonce === '' ? {} : { mark: { name: NONCE_VARIABLE, value: this.#nonce } }),
      seen: this.#seen,
      wasWatched: this.#wasWatched,
    };
  }

  #remember(tree: ProcessInfo[]): ProcessInfo[] {
    const known = new Set(this.#seen.map((info) => `${info.pid} ${info.startTime}`));
    const fresh = tree.filter((info) => !known.has(`${info.pid} ${info.startTime}`));
    if (fresh.length > 0) this.#seen = [...this.#seen, ...fresh];
    return tree;
  }

  /** Stops watching without touching the process. */
  release(): void {
    this.#released.abort();
  }
}

/** How long the start time of a child is asked for; without it the child is found by its nonce alone. */
const IDENTITY_MS = 5000;

/** `ended` when the child is gone already, '' when it could not be told in time. */
async function startTimeOf(
  pid: number,
  { clock, processes }: ProcessContext,
  exited: Promise<Exit>,
): Promise<string> {
  const deadline = clock.monotonic() + IDENTITY_MS;
  for (let pause = 5; ; pause *= 2) {
    const now = await processes.read(pid);
    if (now.known) return now.value?.startTime ?? 'ended';
    if (clock.monotonic() >= deadline) return '';
    await Promise.race([sleep(clock, pause), exited]);
  }
}

async function waitForEnd(
  identity: ProcessIdentity,
  { clock, processes }: ProcessContext,
  signal: AbortSignal,
): Promise<Exit> {
  let pause = ADOPTED_POLL_MS;
  while (!signal.aborted) {
    await sleep(clock, pause, signal);
    const now = await processes.read(identity.pid);
    // What could not be seen has not ended.
    pause = now.known ? ADOPTED_POLL_MS : Math.min(pause * 2, 5000);
    if (!now.known) continue;
    // Only its parent learns the exit code, and that parent is gone.
    if (!isSameProcess(identity, now.value) || now.value?.state === 'Z') {
      return { code: null, signal: null };
    }
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
