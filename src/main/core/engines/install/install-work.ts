import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';

import { DomainError } from '@shared/errors';

import type { JobRun, PhaseReport } from './engine-job';
import type { JobWork } from './engine-jobs';
import type { StoredInstallation } from './engine-store';
import { discard, type EngineWork, find, refuseFailed, storeHelp, testStored } from './engine-work';
import { folderSize } from './folder-size';
import {
  fillEnvironment,
  lockedResolution,
  type Resolution,
  resolveEngine,
} from './install-engine';
import type { Python } from './python-finder';

/** What a job is to have made at its end. */
interface Target {
  readonly stored: StoredInstallation;
  /** Whether it was made by this job, so that it goes when the job fails. */
  readonly isNew: boolean;
}

/**
 * Installs a version beside what is there: the tested one from its locked list, `newest`, or the one
 * given. One of this version that cannot run is rebuilt. What fails leaves nothing but its log.
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

/** Rebuilds a managed installation: the same version under the same id; the old one goes when the new one works. */
export function reinstallWork(work: EngineWork, id: string): JobWork {
  return async (job) => {
    const old = find(work, id);
    job.about({ version: old.version, installationId: id });
    const python = await prepare(work, job);
    const stored = await job.phase('packages', async (report) => {
      refuseRunning(work, id);
      const resolution = await resolveAgain(work, job, old, python, report);
      return fill({ work, job, resolution, python, report, replaces: id });
    });
    await finishInstall(work, job, { stored, isNew: true }, () => Promise.resolve());
    return `${old.engine} ${old.version} was reinstalled and passed its self-test.`;
  };
}

async function install(work: EngineWork, job: JobRun, version?: string): Promise<string> {
  const python = await prepare(work, job);
  const target = await job.phase('packages', async (report): Promise<Target> => {
    const resolution = await resolve(work, job, python, report, version);
    job.about({ version: resolution.version });
    const same = managedOf(work, resolution.version);
    if (same) job.about({ installationId: same.id });
    if (same && (await isUsable(work, same))) {
      report.detail(`${same.engine} ${same.version} is installed already`);
      return { stored: same, isNew: false };
    }
    if (same) refuseRunning(work, same.id);
    const replaces = same?.id;
    return {
      stored: await fill({ work, job, resolution, python, report, replaces }),
      isNew: true,
    };
  });
  await finishInstall(work, job, target, (id) => work.store.use(find(work, id)));
  const name = `${work.adapter.id} ${target.stored.version}`;
  return target.isNew
    ? `${name} is installed and in use. It passed its self-test.`
    : `${name} was already installed. It passed its self-test again and is in use.`;
}

/** The installer, and a Python for the engine. */
async function prepare(work: EngineWork, job: JobRun): Promise<Python> {
  const { adapter, uv } = work;
  await job.phase('tools', async (report) => {
    report.detail(await uv.ensure(job.line, job.signal));
  });
  return job.phase('python', async (report) => {
    const found = await uv.python(adapter.python, adapter.python.prefer, job.call);
    report.detail(`Python ${found.version} at ${found.path}`);
    return found;
  });
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
    job.line(`No locked list is available for Python ${python.version} on this machine.`);
  }
  report.detail('checking the package index');
  const { uv, adapter, cacheFolder: folder } = work;
  const { call } = job;
  const resolution = await resolveEngine({ uv, adapter, packages, version, python, folder, call });
  job.line(`Resolved ${adapter.id} ${resolution.version}`);
  return resolution;
}

/** The very packages that it was made of, where they were installed for such a Python. */
async function resolveAgain(
  work: EngineWork,
  job: JobRun,
  old: StoredInstallation,
  python: Python,
  report: PhaseReport,
): Promise<Resolution> {
  const { lockedVersion } = await work.packages();
  const isSamePython = old.pythonVersion?.startsWith(`${python.major}.${python.minor}.`) === true;
  if (old.version !== lockedVersion && isSamePython && (old.packages ?? []).length > 0) {
    job.line(`${old.engine} ${old.version} from the list of its packages`);
    return { version: old.version, lock: `${old.packages?.join('\n')}\n`, hashed: false };
  }
  return resolve(work, job, python, report, old.version);
}

/** The newest managed installation of a version. */
function managedOf(
  { store, adapter }: EngineWork,
  version: string,
): StoredInstallation | undefined {
  return store
    .all()
    .findLast(
      (one) =>
        one.engine === adapter.id &&
        one.version === version &&
        one.origin === 'managed' &&
        one.state !== 'installing' &&
        one.isLeftover !== true,
    );
}

/** Whether nothing is known against it; what could not be told is shown by the test that follows. */
async function isUsable(work: EngineWork, one: StoredInstallation): Promise<boolean> {
  return one.state === 'ready' && (await work.check(one.id, 'files')).state !== 'cannot-run';
}

/** @throws DomainError in_use: the files of a running server must not go. */
function refuseRunning({ usedBy }: EngineWork, id: string): void {
  const { running } = usedBy(id);
  if (running.length === 0) return;
  const servers = running.join(', ');
  const message = `Stop ${servers} before reinstalling ${id}.`;
  throw new DomainError('in_use', message, { data: { running } });
}

interface FillInput {
  readonly work: EngineWork;
  readonly job: JobRun;
  readonly resolution: Resolution;
  readonly python: Python;
  readonly report: PhaseReport;
  /** The id that it takes over when it works. */
  readonly replaces: string | undefined;
}

/** Makes and fills the environment of a new entry. */
async function fill(input: FillInput): Promise<StoredInstallation> {
  const { work, job, resolution, python, report, replaces } = input;
  const stored = await reserve(work, resolution.version, replaces);
  if (replaces === undefined) job.about({ installationId: stored.id });
  try {
    await work.changed();
    const packages = await fillEnvironment({
      ...{ uv: work.uv, what: `${stored.engine} ${stored.version}`, resolution, python, report },
      folder: stored.path,
      call: { ...job.call, folder: stored.path },
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
async function reserve(
  work: EngineWork,
  version: string,
  replaces: string | undefined,
): Promise<StoredInstallation> {
  const { adapter, store, enginesFolder } = work;
  const parent = path.join(enginesFolder, adapter.id);
  await mkdir(parent, { recursive: true });
  const isFree = (name: string): boolean => store.get(`${adapter.id}-${name}`) === undefined;
  const folder = await claimFolder(parent, version, isFree);
  const stored: StoredInstallation = {
    id: `${adapter.id}-${path.basename(folder)}`,
    engine: adapter.id,
    version,
    path: folder,
    bin: path.join(folder, 'bin'),
    state: 'installing',
    origin: 'managed',
    sizeBytes: 0,
    ...(replaces === undefined ? {} : { replaces }),
    installer: await work.manager(),
  };
  try {
    await store.put(stored);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  return stored;
}

/** Makes the first of `0.32.2`, `0.32.2-2`, `0.32.2-3`, ... that is neither on disk nor in the list. */
async function claimFolder(
  parent: string,
  version: string,
  isFree: (name: string) => boolean,
): Promise<string> {
  for (let number = 1; ; number++) {
    const name = number === 1 ? version : `${version}-${number}`;
    if (!isFree(name)) continue;
    const folder = path.join(parent, name);
    try {
      await mkdir(folder);
      return folder;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

/**
 * Options, self-test, and the place of what it replaces. What is new and fails leaves nothing behind.
 * @param use what becomes of the installation, by its id from now on.
 */
async function finishInstall(
  work: EngineWork,
  job: JobRun,
  { stored, isNew }: Target,
  use: (id: string) => Promise<void>,
): Promise<void> {
  try {
    await job.phase('options', async () => {
      // While its --help is read; together they take as long as the slower one.
      const size = isNew ? folderSize(stored.path) : stored.sizeBytes;
      const help = storeHelp(work, stored.id, job.signal);
      const [sizeBytes] = await Promise.all([size, help]);
      await work.store.put({ ...find(work, stored.id), sizeBytes });
    });
    await job.phase('self-test', () => testStored(work, job, stored.id).then(refuseFailed));
    await job.phase('use', async () => use(await takePlace(work, find(work, stored.id))));
  } catch (error) {
    if (isNew) await discard(work, stored.id);
    throw error;
  }
  await work.changed();
}

/** Puts it under the id of what it replaces, whose folder then goes. */
async function takePlace(work: EngineWork, stored: StoredInstallation): Promise<string> {
  if (stored.replaces === undefined) return stored.id;
  refuseRunning(work, stored.replaces);
  const { id, old } = await work.store.replace(stored);
  work.forgetCheck(id);
  if (old) await work.discard(old);
  return id;
}

/** Says that the working one is untouched. */
function withKept(error: unknown, { store, adapter, show }: EngineWork): unknown {
  const kept = store.get(store.used(adapter.id).at(-1) ?? '');
  if (!kept || !(error instanceof DomainError) || error.code === 'cancelled') return error;
  if (show(kept.id).state !== 'ready') return error;
  const { action, data } = error;
  const message = `${error.message} ${kept.engine} ${kept.version} stays in use.`;
  return new DomainError(error.code, message, { action, data, cause: error });
}
