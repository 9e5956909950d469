import { type Core, createCore } from '@core/core';
import { lockHome } from '@core/settings/home-lock';
import { createHostPorts, openManagerLog, readOnlyDocuments, silentLogger } from '@host/host-ports';
import { dataHome, pathsOf, prepareHome } from '@host/paths';

type Env = Readonly<Record<string, string | undefined>>;

/** A core inside a command, where no manager runs: it listens nowhere and starts no server. */
export interface LoneCore {
  readonly core: Core;
  close(): Promise<void>;
}

/** For looking only: nothing is locked, and what is written is forgotten. */
export async function openCoreForReading(env: Env): Promise<LoneCore> {
  const paths = pathsOf(dataHome(env));
  const document = readOnlyDocuments(paths);
  const core = createCore(createHostPorts({ paths, env, logger: silentLogger, document }));
  await core.start({ mode: 'read' });
  return { core, close: () => core.stop({ servers: 'leave-running' }) };
}

/** For changing: holds the lock as a manager does. Rejects with `already_running` when another holds it. */
export async function openCoreForWriting(
  env: Env,
  note: (sentence: string) => void,
): Promise<LoneCore> {
  const paths = pathsOf(dataHome(env));
  await prepareHome(paths);
  const lock = await lockHome(paths.home);
  try {
    const logger = openManagerLog(paths, env, note);
    const core = createCore(createHostPorts({ paths, env, logger }));
    await core.start({ mode: 'write' });
    const close = async (): Promise<void> => {
      await core.stop({ servers: 'leave-running' });
      await lock.release();
    };
    return { core, close };
  } catch (error) {
    await lock.release();
    throw error;
  }
}
