import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';

import type { Installation, SelfTestResult } from '@shared/domain/engine';
import { DomainError } from '@shared/errors';
import { makeAction } from '@shared/errors/action';

import { readProcess } from '../../processes/process-table';
import type { EngineAdapter } from '../adapters/adapter';
import type { JobRun, PhaseReport } from './engine-job';
import type { JobWork } from './engine-jobs';
import type { EnginePackages } from './engine-packages';
import type { EngineStore, StoredInstallation } from './engine-store';
import { folderSize } from './folder-size';
import { readHelp } from './inspect-engine';
import {
  fillEnvironment,
  lockedResolution,
  type Resolution,
  resolveEngine,
} from './install-engine';
import type { Python } from './python-finder';
import { throwIfCancelled } from './run-tool';
import type { Uv } from './uv';

/** What the jobs of one engine work with. */
export interface EngineWork {
  readonly adapter: EngineAdapter;
  readonly uv: Uv;
  readonly packages: () => Promise<EnginePackages>;
  readonly store: EngineStore;
  readonly env: Readonly<Record<string, string>>;
  readonly enginesFolder: string;
  readonly cacheFolder: string;
  /** ISO time. */
  readonly now: () => string;
  readonly selfTest: (
    installation: Installation,
    onLine: (text: string) => void,
    signal: AbortSignal,
  ) => Promise<SelfTestResult>;
  readonly show: (id: string) => Installation;
  readonly isGone: (stored: StoredInstallation) => Promise<boolean>;
  /** Whether a server runs with it or a profile is pinned to it. */
  readonly isUsed: (id: string) => boolean;
  readonly remove: (stored: StoredInstallation) => Promise<void>;
  readonly changed: () => Promise<void>;
}

/**
 * Installs a version beside what is there: the tested one from its locked list, `newest`, or the one
 * given. What fails leaves nothing but its log.
 */
export function installWork(work: EngineWork, version?: string): JobWork {
  return async (job) => {
    try {
      return await install(work, job, version);
    } catch (error) {
      throw withKept(error, work);
    }
  };
}

async function install(work: EngineWork, job: JobRun, version?: string): Promise<string> {
  const { adapter } = work;
  const call = { onLine: job.line, signal: job.signal };
  await job.phase('tools', async (report) => {
    report.detail(await work.uv.ensure(job.line, job.signal));
  });
  const python = await job.phase('python', async (report) => {
    const found = await work.uv.python(adapter.python, adapter.python.prefer, call);
    report.detail(`Python ${found.version} at ${found.path}`);
    return found;
  });
  const target = await job.phase('packages', async (report) => {
    const resolution = await resolve(work, job, python, report, version);
    job.about({ version: resolution.version });
    const same = await usableManaged(work, resolution.version);
    if (same) report.detail(`${same.engine} ${same.version} is installed already`);
    const stored = same ?? (await fill(work, job, resolution, python, report));
    job.about({ installationId: stored.id });
    return { stored, isNew: same === undefined };
  });
  await finishInstall(work, job, target);
  const name = `${adapter.id} ${target.stored.version}`;
  return target.isNew
    ? `${name} is installed, passed its self-test, and is in use.`
    : `${name} was installed already; it passed its self-test again and is in use.`;
}

/** The locked list where the tested version is meant and this Python is one of its own; else the index is asked. */
async function resolve(
  work: EngineWork,
  job: JobRun,
  python: Python,
  report: PhaseReport,
  wanted: string | undefined,
): Promise<Resolution> {
  const packages = await work.packages();
  const version = wanted ?? packages.lockedVersion;
  if (version === packages.lockedVersion) {
    const locked = await lockedResolution(packages, python);
    if (locked) {
      job.line(`${work.adapter.id} ${version} from its locked list`);
      return locked;
    }
    job.line(`There is no locked list for Python ${python.version} on this machine.`);
  }
  report.detail('asking the package index');
  const { uv, adapter, cacheFolder: folder } = work;
  const call = { signal: job.signal };
  const resolution = await resolveEngine({ uv, adapter, packages, version, python, folder, call });
  job.line(`Resolved ${adapter.id} ${resolution.version}`);
  return resolution;
}

interface Target {
  readonly stored: StoredInstallation;
  readonly isNew: boolean;
}

/** Options, self-test, switch. What is new and fails leaves nothing behind. */
async function finishInstall(
  work: EngineWork,
  job: JobRun,
  { stored, isNew }: Target,
): Promise<void> {
  try {
    await job.phase('options', async () => {
      // While its --help is read; together they take as long as the slower one.
      const size = isNew ? folderSize(stored.path) : Promise.resolve(stored.sizeBytes);
      await storeHelp(work, stored.id, job.signal).finally(() => size);
      await work.store.put({ ...find(work, stored.id), sizeBytes: await size });
    });
    await job.phase('self-test', () => testStored(work, job, stored.id).then(refuseFailed));
    await job.phase('use', () => work.store.use(stored));
  } catch (error) {
    if (isNew) await discard(work, stored.id);
    throw error;
  }
  await removeReplaced(work, stored);
  await work.changed();
}

/** A managed installation of this version that needs no new one. */
async function usableManaged(
  { store, adapter, isGone }: EngineWork,
  version: string,
): Promise<StoredInstallation | undefined> {
  const same = store
    .all()
    .findLast(
      (one) =>
        one.engine === adapter.id &&
        one.version === version &&
        one.origin === 'managed' &&
        one.state === 'ready',
    );
  return same && !(await isGone(same)) ? same : undefined;
}

/** Makes and fills the environment of a new entry. */
async function fill(
  work: EngineWork,
  job: JobRun,
  resolution: Resolution,
  python: Python,
  report: PhaseReport,
): Promise<StoredInstallation> {
  const stored = await reserve(work, resolution.version);
  job.about({ installationId: stored.id });
  try {
    await work.changed();
    const packages = await fillEnvironment({
      ...{ uv: work.uv, what: `${stored.engine} ${stored.version}`, resolution, python, report },
      folder: stored.path,
      call: { onLine: job.line, signal: job.signal },
    });
    report.detail(`${packages.length} packages`);
    const filled = {
      ...stored,
      packages,
      python: path.join(stored.bin, 'python'),
      pythonVersion: python.version,
    };
    await work.store.put(filled);
    return filled;
  } catch (error) {
    await discard(work, stored.id);
    throw error;
  }
}

/** The new entry, stored before anything is on disk, so that a crash leaves a trace to clean by. */
async function reserve(work: EngineWork, version: string): Promise<StoredInstallation> {
  const { adapter, store, enginesFolder } = work;
  const parent = path.join(enginesFolder, adapter.id);
  await mkdir(parent, { recursive: true });
  const folder = await claimFolder(path.join(parent, version));
  const self = await readProcess(process.pid);
  const stored: StoredInstallation = {
    id: `${adapter.id}-${path.basename(folder)}`,
    engine: adapter.id,
    version,
    path: folder,
    bin: path.join(folder, 'bin'),
    state: 'installing',
    origin: 'managed',
    sizeBytes: 0,
    ...(self ? { installer: { pid: self.pid, startTime: self.startTime } } : {}),
  };
  try {
    await store.put(stored);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  return stored;
}

/** Makes the first of `0.32.2`, `0.32.2-2`, `0.32.2-3`, ... that does not exist. */
async function claimFolder(wanted: string): Promise<string> {
  for (let number = 1; ; number++) {
    const folder = number === 1 ? wanted : `${wanted}-${number}`;
    try {
      await mkdir(folder);
      return folder;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

/** Removes what a failed job had begun. */
export async function discard(work: EngineWork, id: string): Promise<void> {
  const stored = work.store.get(id);
  if (stored) await work.remove(stored);
  await work.changed();
}

/** Says that the working one is untouched. */
function withKept(error: unknown, { store, adapter }: EngineWork): unknown {
  const kept = store.get(store.used(adapter.id).at(-1) ?? '');
  if (!kept || !(error instanceof DomainError) || error.code === 'cancelled') return error;
  const { action, data } = error;
  const message = `${error.message} ${kept.engine} ${kept.version} stays in use.`;
  return new DomainError(error.code, message, { action, data, cause: error });
}

/** A broken installation of the same version has been replaced and only takes room. */
async function removeReplaced(work: EngineWork, fresh: StoredInstallation): Promise<void> {
  for (const one of work.store.all()) {
    const isSame = one.engine === fresh.engine && one.version === fresh.version;
    if (!isSame || one.id === fresh.id || one.origin !== 'managed') continue;
    const isUseless = one.state === 'broken' || (await work.isGone(one));
    if (isUseless && !work.isUsed(one.id)) await work.remove(one);
  }
}

/** Reads the program's options and stores them. */
export async function storeHelp(work: EngineWork, id: string, signal: AbortSignal): Promise<void> {
  const stored = find(work, id);
  const program = stored.command ?? path.join(stored.bin, work.adapter.executable);
  const help = await readHelp(program, work.adapter.helpArgs, work.env, signal);
  await work.store.put({ ...find(work, id), help });
}

/** Runs the self-test and stores what it showed. */
export async function testStored(
  work: EngineWork,
  job: JobRun,
  id: string,
): Promise<SelfTestResult> {
  const result = await work.selfTest(work.show(id), job.line, job.signal);
  throwIfCancelled(job.signal);
  const { problem: _old, installer: _installer, ...rest } = find(work, id);
  const problem = result.problem ?? 'The self-test failed.';
  await work.store.put(
    result.passed
      ? { ...rest, state: 'ready', testedAt: work.now() }
      : { ...rest, state: 'broken', testedAt: work.now(), problem },
  );
  await work.changed();
  return result;
}

/** A failed self-test as an error. */
export function refuseFailed(result: SelfTestResult): void {
  if (result.passed) return;
  const reason = result.problem ?? 'it gave no reason';
  throw new DomainError('engine_broken', `The self-test failed: ${reason}`, {
    action: makeAction('retry'),
    data: { output: result.output },
  });
}

/** Tests an installation that is there; its help is read again, for it may have changed. */
export function testWork(work: EngineWork, id: string): (job: JobRun) => Promise<SelfTestResult> {
  return async (job) => {
    job.about({ installationId: id });
    try {
      await job.phase('options', () => storeHelp(work, id, job.signal));
      return await job.phase('self-test', () => testStored(work, job, id));
    } catch (error) {
      throwIfCancelled(job.signal);
      if (!(error instanceof DomainError)) throw error;
      await work.store.put({ ...find(work, id), state: 'broken', problem: error.message });
      await work.changed();
      throw error;
    }
  };
}

/** @throws DomainError `not_found` when it was removed while a job was at work on it. */
export function find({ store }: EngineWork, id: string): StoredInstallation {
  const stored = store.get(id);
  if (!stored) throw new DomainError('not_found', `The installation ${id} was removed meanwhile.`);
  return stored;
}
