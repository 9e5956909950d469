import { setTimeout as delay } from 'node:timers/promises';
import type { Paths } from '@core/ports';
import { type HomeLock, lockHome } from '@core/storage/home-lock';
import { askToHandOver } from '@host/hand-over';
import type { ManagerInfo } from '@shared/contract';
import { DomainError } from '@shared/errors';
import { createClient } from '@shared/rpc/client';
import { askRunningManager, findManager } from '@host/find-manager';

/** Another manager lets its servers go within this time; they go on serving meanwhile. */
const RELEASE_MS = 15_000;
const COMMAND_MS = 5000;
const STEP_MS = 100;

export interface TakeOverOptions {
  readonly paths: Paths;
  /** Asks the person whether to take over; `other` is undefined when the holder does not answer. */
  readonly ask: (other: ManagerInfo | undefined, sentence: string) => Promise<boolean>;
}

/**
 * The lock of the data folder. Where another manager holds it (one without a desktop, or a command that
 * is busy), the person decides: the other then leaves its servers running and quits, and this one takes them
 * over without a request being lost. Undefined when they would rather not.
 */
export async function lockOrTakeOver({
  paths,
  ask,
}: TakeOverOptions): Promise<HomeLock | undefined> {
  for (;;) {
    try {
      return await lockHome(paths.home, paths.socket);
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== 'already_running') throw error;
      const other = await askRunningManager(paths);
      // A command that works alone hands over, or is done within seconds, unless it installs something.
      const freed = other ? undefined : await askToHandOver(paths, COMMAND_MS);
      if (freed) return freed;
      if (!(await ask(other, error.message))) return undefined;
      await askToLetGo(paths);
      const lock = await waitForLock(paths, RELEASE_MS);
      if (lock) return lock;
    }
  }
}

async function askToLetGo(paths: Paths): Promise<void> {
  const { transport } = await findManager(paths);
  if (transport) {
    try {
      await createClient(transport).call('app.quit', { servers: 'leave-running' });
    } catch {
      // It quit before it could answer.
    } finally {
      transport.close();
    }
  }
}

async function waitForLock(paths: Paths, limitMs: number): Promise<HomeLock | undefined> {
  const deadline = performance.now() + limitMs;
  while (performance.now() < deadline) {
    try {
      return await lockHome(paths.home, paths.socket);
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== 'already_running') throw error;
      await delay(STEP_MS);
    }
  }
  return undefined;
}
