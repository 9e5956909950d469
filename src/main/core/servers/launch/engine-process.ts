import { spawn } from 'node:child_process';
import { open } from 'node:fs/promises';

import { DomainError, messageOf } from '@shared/errors';

import type { Clock } from '../../ports';
import { sleep } from '../../ports/clock';
import type { Processes, ProcessInfo, Seen } from '../../ports/processes';
import { isSameProcess } from '../../processes/identity';
import { known, mapSeen } from '../../processes/seen';
import { findTree } from '../../processes/process-tree';
import { lookAtTree, stopTree, type StopTarget } from '../../processes/stop-tree';
import type { Exit } from './exit';
import type { Launch } from './launch';
import { NONCE_VARIABLE } from './ownership';
import type { ProcessIdentity, ProcessLauncher, ServerProcess, TreeEnd } from './server-process';

/** How often the end of a process that is not our child is looked for, ms. */
const ADOPTED_POLL_MS = 200;
/** First pause after a look that could not tell, ms; it doubles up to {@link MAX_PAUSE_MS}. */
const MAX_PAUSE_MS = 5000;
/** Our own child is collected by Node a moment after it is gone from the table. */
const COLLECT_MS = 500;

/** Makes and finds the processes of engines on this machine. */
export function engineLauncher(processes: Processes, clock: Clock): ProcessLauncher {
  const context = { processes, clock };
  return {
    async spawn(launch, { logPath, nonce }) {
      const { identity, exited } = await spawnEngine(launch, logPath, context);
      return new EngineProcess({ identity, exited, nonce, isWatched: true }, context);
    },
    async attach(identity, nonce) {
      const now = await processes.read(identity.pid);
      return mapSeen(now, (info) => {
        if (!isSameProcess(identity, info) || info?.state === 'Z') return undefined;
        const released = new AbortController();
        const exited = untilEnded(identity, context, released.signal);
        return new EngineProcess({ identity, exited, nonce, isWatched: true, released }, context);
      });
    },
    ended(identity, nonce) {
      const exited = Promise.resolve({ code: null, signal: null });
      return new EngineProcess({ identity, exited, nonce, isWatched: false }, context);
    },
  };
}

interface Context {
  readonly processes: Processes;
  readonly clock: Clock;
}

interface Parts {
  readonly identity: ProcessIdentity;
  readonly exited: Promise<Exit>;
  readonly nonce: string;
  /** Watched until it ends; false where it had ended before it was looked at. */
  readonly isWatched: boolean;
  readonly released?: AbortController;
}

class EngineProcess implements ServerProcess {
  readonly identity: ProcessIdentity;
  readonly beganAt: number;
  readonly exited: Promise<Exit>;
  readonly #parts: Parts;
  readonly #context: Context;
  #seen: readonly ProcessInfo[] = [];
  #exit: Exit | undefined;

  constructor(parts: Parts, context: Context) {
    this.identity = parts.identity;
    this.#parts = parts;
    this.#context = context;
    this.beganAt = context.clock.monotonic();
    this.exited = parts.exited.then((exit) => {
      this.#exit = exit;
      return exit;
    });
  }

  get exit(): Exit | undefined {
    return this.#exit;
  }

  async tree(): Promise<Seen<readonly ProcessInfo[]>> {
    const look = await lookAtTree(this.#target(), this.#seen, true, this.#context.processes);
    if (!look.known) return look;
    return known(this.#remember(look.members));
  }

  treeIn(table: readonly ProcessInfo[]): readonly ProcessInfo[] {
    const { seen: remembered, wasWatched } = this.#target();
    return this.#remember(findTree(table, this.identity, { remembered, carriers: [], wasWatched }));
  }

  #remember(members: readonly ProcessInfo[]): readonly ProcessInfo[] {
    const before = new Set(this.#seen.map(keyOf));
    const fresh = members.filter((info) => !before.has(keyOf(info)));
    if (fresh.length > 0) this.#seen = [...this.#seen, ...fresh];
    return members;
  }

  async stop(graceMs: number): Promise<TreeEnd> {
    const { processes, clock } = this.#context;
    const rootEnded = this.exited;
    const outcome = await stopTree(this.#target(), { processes, clock, graceMs, rootEnded });
    if (outcome.kind === 'gone') await Promise.race([this.exited, sleep(clock, COLLECT_MS)]);
    return outcome;
  }

  release(): void {
    this.#parts.released?.abort();
  }

  #target(): StopTarget {
    const { nonce, isWatched } = this.#parts;
    return {
      ...this.identity,
      mark: { name: NONCE_VARIABLE, value: nonce },
      seen: this.#seen,
      wasWatched: isWatched,
    };
  }
}

const keyOf = ({ pid, startTime }: ProcessInfo): string => `${pid} ${startTime}`;

/**
 * Starts the command in its own process group. Its stdout and stderr are the log file itself, opened
 * for appending: no pipe, so the server goes on when its manager dies.
 */
async function spawnEngine(
  launch: Launch,
  logPath: string,
  { processes }: Context,
): Promise<{ identity: ProcessIdentity; exited: Promise<Exit> }> {
  const log = await open(logPath, 'a', 0o600);
  try {
    const { pid, exited } = await spawnChild(launch, log.fd);
    const startTime = await startOf(pid, processes);
    const command = [launch.file, ...launch.args].join(' ');
    return { identity: { pid, pgid: pid, startTime, command }, exited };
  } finally {
    await log.close();
  }
}

/** @throws DomainError that says why the program could not be executed. */
async function spawnChild(
  { file, args, cwd, env }: Launch,
  output: number,
): Promise<{ pid: number; exited: Promise<Exit> }> {
  try {
    const child = spawn(file, [...args], {
      cwd,
      env: { ...env },
      stdio: ['ignore', output, output],
      detached: true,
    });
    // Without a listener an error would end this program.
    const failed = new Promise<Error>((resolve) => child.on('error', resolve));
    const exited = new Promise<Exit>((resolve) => {
      child.once('exit', (code, signal) => resolve({ code, signal }));
    });
    if (child.pid === undefined) throw await failed;
    return { pid: child.pid, exited };
  } catch (error) {
    throw spawnError(file, error);
  }
}

/**
 * When our child started, '' where that cannot be told: then its number alone never proves that a process is ours,
 * and it is found by its parent, its group and its nonce.
 */
async function startOf(pid: number, processes: Processes): Promise<string> {
  const info = await processes.read(pid);
  return info.known ? (info.value?.startTime ?? '') : '';
}

async function untilEnded(
  identity: ProcessIdentity,
  { processes, clock }: Context,
  signal: AbortSignal,
): Promise<Exit> {
  let pause = ADOPTED_POLL_MS;
  while (!signal.aborted) {
    await sleep(clock, pause, signal);
    const now = await processes.read(identity.pid);
    // What cannot be told is no end: it is asked again, less and less often.
    pause = now.known ? ADOPTED_POLL_MS : Math.min(pause * 2, MAX_PAUSE_MS);
    if (!now.known) continue;
    // Only its parent learns the exit code, and that parent is gone.
    const isEnded = !isSameProcess(identity, now.value) || now.value?.state === 'Z';
    if (isEnded) return { code: null, signal: null };
  }
  return new Promise(() => undefined);
}

function spawnError(file: string, cause: unknown): DomainError {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'ENOENT') {
    return new DomainError('engine_missing', `The engine's program is missing: ${file}.`, {
      cause,
    });
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return new DomainError('permission', `The engine's program isn't executable: ${file}.`, {
      cause,
    });
  }
  return new DomainError(
    'engine_broken',
    `Couldn't run the engine's program: ${messageOf(cause)}`,
    { cause },
  );
}
