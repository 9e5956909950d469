import path from 'node:path';

import { DomainError } from '@shared/errors';

import type { JobWork } from './engine-jobs';
import type { StoredInstallation } from './engine-store';
import { discard, type EngineWork, find, refuseFailed, storeHelp, testStored } from './engine-work';
import { inspectPython, pythonOfScript } from './inspect-engine';
import { freeId } from './leftovers';
import { isExecutableFile } from './python-finder';
import { throwIfCancelled } from '../tools/tool-runner';

/** Shown in place of a version for a program that does not tell one. */
const NO_VERSION = 'registered';

/** Adds an environment or a program that is there; it is put in use when the engine has none. */
export function registerWork(
  work: EngineWork,
  given: { readonly python?: string | undefined; readonly command?: string | undefined },
): JobWork {
  return async (job) => {
    const { adapter, store } = work;
    const found = await job.phase('python', () =>
      given.python === undefined
        ? lookAtCommand(work, given.command ?? '', job.signal)
        : lookAtPython(work, given.python, job.signal),
    );
    // One environment may hold several engines: each of them is an installation of its own.
    const isSame = (one: StoredInstallation): boolean =>
      one.origin === 'registered' && one.engine === adapter.id && one.path === found.path;
    const before = store.all().find(isSame);
    const known = found.version === NO_VERSION ? '' : `${found.version}-`;
    const id = before?.id ?? freeId(store, `${adapter.id}-${known}registered`);
    await store.put({ ...before, ...found, id, state: before?.state ?? 'installing' });
    job.about({ version: found.version, installationId: id });
    try {
      await job.phase('options', () => storeHelp(work, id, job.signal));
      await job.phase('self-test', () => testStored(work, job, id).then(refuseFailed));
    } catch (error) {
      if (!before) await discard(work, id);
      throw error;
    }
    const isFirst = store.used(adapter.id).length === 0;
    await job.phase('use', async () => {
      if (isFirst) await store.use(find(work, id));
    });
    await work.changed();
    const name = `${adapter.id} ${found.version} at ${found.path}`;
    return `${name} passed its self-test and is registered${isFirst ? ' and in use' : ''}.`;
  };
}

type Found = Omit<StoredInstallation, 'id' | 'state'>;

async function lookAtPython(work: EngineWork, python: string, signal: AbortSignal): Promise<Found> {
  const { adapter } = work;
  const asked = { ...work, signal };
  const facts = await inspectPython(python, adapter.distribution, adapter.executable, asked);
  return {
    engine: adapter.id,
    version: facts.version,
    path: python,
    bin: facts.bin,
    python,
    pythonVersion: facts.pythonVersion,
    origin: 'registered',
    sizeBytes: 0,
  };
}

async function lookAtCommand(
  work: EngineWork,
  command: string,
  signal: AbortSignal,
): Promise<Found> {
  if (!(await isExecutableFile(command))) {
    throw new DomainError('engine_missing', `${command} isn't an executable program.`);
  }
  const python = await pythonOfScript(command);
  const known = python === undefined ? undefined : await versionOf(work, python, signal);
  return {
    engine: work.adapter.id,
    version: known?.version ?? NO_VERSION,
    path: command,
    bin: path.dirname(command),
    command,
    origin: 'registered',
    sizeBytes: 0,
    ...(known ? { python, pythonVersion: known.pythonVersion } : {}),
  };
}

/** A program may be anything that serves; that its Python holds no such package is no failure. */
async function versionOf(
  work: EngineWork,
  python: string,
  signal: AbortSignal,
): Promise<{ version: string; pythonVersion: string } | undefined> {
  try {
    const found = await lookAtPython(work, python, signal);
    return { version: found.version, pythonVersion: found.pythonVersion ?? '' };
  } catch (error) {
    throwIfCancelled(signal);
    if (error instanceof DomainError) return undefined;
    throw error;
  }
}
