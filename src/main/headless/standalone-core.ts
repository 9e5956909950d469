import { type Core, createCore } from '@core/core';
import { lockHome } from '@core/storage/home-lock';
import { untilAsked } from '@host/hand-over';
import { createHostPorts, openManagerLog, readOnlyDocuments, silentLogger } from '@host/host-ports';
import { dataHome, pathsOf, prepareHome } from '@host/paths';
import { readSystemProxy } from '@host/system-proxy';

type Env = Readonly<Record<string, string | undefined>>;

/** A core inside a command, where no manager runs: it listens nowhere and starts no server. */
export interface StandaloneCore {
  readonly core: Core;
  /** Resolves when a manager starts and asks for the folder. */
  readonly asked: Promise<void>;
  close(): Promise<void>;
}

/** For looking only: nothing is locked, and what is written is forgotten. */
export async function openCoreForReading(own: Env): Promise<StandaloneCore> {
  const env = { ...own, ...(await readSystemProxy(own)) };
  const paths = pathsOf(dataHome(env));
  const document = readOnlyDocuments(paths);
  const core = createCore(createHostPorts({ paths, env, logger: silentLogger, document }));
  await core.start({ mode: 'read' });
  const asked = new Promise<void>(() => undefined); // it has nothing that a manager needs
  const close = async (): Promise<void> => {
    await core.stop({ servers: 'leave-running' });
  };
  return { core, asked, close };
}

/** For changing: holds the lock as a manager does. Rejects with `already_running` when another holds it. */
export async function openCoreForWriting(
  own: Env,
  note: (sentence: string) => void,
): Promise<StandaloneCore> {
  const env = { ...own, ...(await readSystemProxy(own)) };
  const paths = pathsOf(dataHome(env));
  await prepareHome(paths);
  const lock = await lockHome(paths.home);
  try {
    const logger = openManagerLog(paths, env, note);
    const core = createCore(createHostPorts({ paths, env, logger }));
    await core.start({ mode: 'write' });
    const ending = new AbortController();
    const close = async (): Promise<void> => {
      ending.abort();
      await core.stop({ servers: 'leave-running' });
      await lock.release();
    };
    return { core, asked: untilAsked(paths.home, ending.signal), close };
  } catch (error) {
    await lock.release();
    throw error;
  }
}
