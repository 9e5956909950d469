import { access, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import type { Paths } from '@core/ports';
import { type HomeLock, lockHome } from '@core/storage/home-lock';
import { DomainError } from '@shared/errors';

const STEP_MS = 100;

/** By this file a manager that starts asks a command that works alone on the folder to hand over. */
function requestFile(home: string): string {
  return path.join(home, 'hand-over');
}

/**
 * For a manager that finds the folder taken and nobody who answers there: asks the command that has it
 * to hand over, and waits. A command with work that cannot be handed over goes on to its end.
 * @returns undefined when the folder was not free within the limit, ms.
 */
export async function askToHandOver(
  { home, socket }: Paths,
  limitMs: number,
): Promise<HomeLock | undefined> {
  const deadline = performance.now() + limitMs;
  const file = requestFile(home);
  await writeFile(file, String(process.pid));
  try {
    while (performance.now() < deadline) {
      try {
        return await lockHome(home, socket);
      } catch (error) {
        if (!(error instanceof DomainError) || error.code !== 'already_running') throw error;
        await delay(STEP_MS);
      }
    }
    return undefined;
  } finally {
    await rm(file, { force: true });
  }
}

/** For a command that works alone: resolves when a manager asks for the folder; never, once aborted. */
export async function untilAsked(home: string, signal: AbortSignal): Promise<void> {
  const file = requestFile(home);
  // What was asked before this command began was asked of another one.
  await rm(file, { force: true });
  for (;;) {
    await delay(STEP_MS, undefined, { signal, ref: false }).catch(() => undefined);
    if (signal.aborted) return new Promise(() => undefined);
    const isAsked = await access(file).then(
      () => true,
      () => false,
    );
    if (isAsked) return undefined;
  }
}
