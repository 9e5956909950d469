import { setTimeout as delay } from 'node:timers/promises';

import { findManager, type Found } from '@host/find-manager';
import { connectInProcess } from '@host/in-process-transport';
import { dataHome, pathsOf } from '@host/paths';
import { DomainError } from '@shared/errors';
import { makeAction } from '@shared/errors/action';
import { type Client, createClient } from '@shared/rpc/client';
import type { Context } from '../terminal/context';

/**
 * What a command needs: `running` a manager; `read` only what is on disk where none runs; `write` the
 * data folder for itself where none runs.
 */
export type Need = 'running' | 'read' | 'write';

export interface Manager {
  readonly client: Client;
  /** Whether a manager answers; otherwise this command does the work itself. */
  readonly isRunning: boolean;
}

interface Connection extends Manager {
  /** Rejects when the manager ends meanwhile. */
  readonly lost: Promise<never>;
  /** Resolves when a manager starts and asks this command, which works alone, for the folder. */
  readonly asked: Promise<void>;
  close(): Promise<void>;
}

/** Another command that works alone is done within seconds, unless it installs something. */
const LOCK_WAIT_MS = 5000;
const LOCK_STEP_MS = 100;
/** A manager that asked for the folder answers within this time, ms. */
const START_MS = 15_000;

/** Runs `use` against the running manager, or against a core of its own where the need allows that. */
export async function withManager<T>(
  context: Context,
  need: Need,
  use: (manager: Manager) => Promise<T>,
): Promise<T> {
  const outcome = await runOnce(context, need, use, false);
  if (outcome.kind === 'done') return outcome.value;
  throw new Error('A command handed over that cannot.');
}

/**
 * As {@link withManager} for work that is durable: when a manager starts meanwhile it goes on there, and
 * `use` is called again as its client (docs/architecture.md, Persistence).
 */
export async function withManagerHandingOver<T>(
  context: Context,
  use: (manager: Manager) => Promise<T>,
): Promise<T> {
  for (;;) {
    const outcome = await runOnce(context, 'write', use, true);
    if (outcome.kind === 'done') return outcome.value;
    context.output.note('A manager has started and continues this.');
    await untilManagerAnswers(context);
  }
}

/** The folder was left to a manager: it must not be taken again before that one has it. */
async function untilManagerAnswers({ env }: Context): Promise<void> {
  const paths = pathsOf(dataHome(env));
  const deadline = performance.now() + START_MS;
  while (performance.now() < deadline) {
    const { transport } = await findManager(paths);
    transport?.close();
    if (transport !== undefined) return;
    await delay(LOCK_STEP_MS);
  }
  // It did not come up: this command goes on alone.
}

type Outcome<T> = { readonly kind: 'done'; readonly value: T } | { readonly kind: 'handed-over' };

async function runOnce<T>(
  context: Context,
  need: Need,
  use: (manager: Manager) => Promise<T>,
  handsOver: boolean,
): Promise<Outcome<T>> {
  context.interrupt.arm();
  const connection = await connect(context, need);
  const off = context.interrupt.onInterrupt(() => connection.close());
  try {
    const used = use(connection).then((value): Outcome<T> => ({ kind: 'done', value }));
    // After the folder was handed over nobody waits for what became of it here.
    used.catch(() => undefined);
    const asked = connection.asked.then((): Outcome<T> => ({ kind: 'handed-over' }));
    return await Promise.race([used, connection.lost, ...(handsOver ? [asked] : [])]);
  } finally {
    off();
    await connection.close();
  }
}

async function connect(context: Context, need: Need): Promise<Connection> {
  const paths = pathsOf(dataHome(context.env));
  const deadline = performance.now() + LOCK_WAIT_MS;
  for (;;) {
    const { transport, holder } = await findManager(paths);
    if (transport !== undefined) {
      const close = async (): Promise<void> => transport.close();
      const asked = new Promise<void>(() => undefined);
      return {
        client: createClient(transport),
        isRunning: true,
        lost: transport.lost,
        asked,
        close,
      };
    }
    if (holder?.socket !== undefined) {
      // A manager has the folder: it is just starting or ending, and what is on the disk is not the truth.
      if (performance.now() > deadline) throw notAnswering(holder);
    } else if (need === 'running') throw notRunning();
    else {
      try {
        return await connectAlone(context, need);
      } catch (error) {
        // Another command has it.
        const held = error instanceof DomainError && error.code === 'already_running';
        if (!held || performance.now() > deadline) throw error;
      }
    }
    await delay(LOCK_STEP_MS);
  }
}

/** The core is loaded only here: most commands never need it. */
async function connectAlone(context: Context, need: 'read' | 'write'): Promise<Connection> {
  const { openCoreForReading, openCoreForWriting } = await import('@headless/standalone-core');
  const lone =
    need === 'read'
      ? await openCoreForReading(context.env)
      : await openCoreForWriting(context.env, (line) => context.output.note(line));
  const transport = connectInProcess(lone.core);
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    transport.close();
    closing ??= lone.close();
    return closing;
  };
  const lost = new Promise<never>(() => undefined);
  return { client: createClient(transport), isRunning: false, lost, asked: lone.asked, close };
}

function notAnswering({ pid, socket }: NonNullable<Found['holder']>): DomainError {
  return new DomainError(
    'not_answering',
    `A manager is running (pid ${pid}), but it isn't responding on ${socket}.`,
    { data: { pid } },
  );
}

function notRunning(): DomainError {
  return new DomainError(
    'not_running',
    'No manager is running. Start one with "mlx-manager serve", or "npm start" in a checkout.',
    { action: makeAction('serve') },
  );
}
