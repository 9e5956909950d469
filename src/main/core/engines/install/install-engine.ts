import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { DomainError } from '@shared/errors';

import type { EngineAdapter } from '../adapters/adapter';
import { realDisk } from '../checks/disk';
import { sitePackages } from '../checks/environment';
import { packageOf } from '../checks/recorded-files';
import { type EnginePackages, LOCKED_PYTHON } from './engine-packages';
import type { PhaseReport } from './engine-job';
import { installFailure } from './install-failure';
import { isInRange, type Python } from './python-finder';
import type { Uv, UvCall } from './uv';

/** Everything that will be installed, with exact versions. */
export interface Resolution {
  readonly version: string;
  /** Requirement lines `name==version`. */
  readonly lock: string;
  /** Whether the lines carry the hashes of what may be installed. */
  readonly hashed: boolean;
}

const RESOLVE = 'resolve-';
/** Folders for the files of one look-up; one that was killed leaves its own. */
export const RESOLVE_PARTS = /^resolve-\w{6}$/;

interface ResolveInput {
  readonly uv: Uv;
  readonly adapter: EngineAdapter;
  readonly packages: EnginePackages;
  readonly version: string | 'newest';
  readonly python: Python;
  /** A folder for two small files. */
  readonly folder: string;
  readonly call: UvCall;
  readonly dependencies?: boolean;
}

/** The list that ships with the program, where it holds for this machine and this Python. */
export async function lockedResolution(
  packages: EnginePackages,
  python: Python,
): Promise<Resolution | undefined> {
  if (packages.lockFile === undefined || !isInRange(python, LOCKED_PYTHON)) return undefined;
  const lock = await readFile(packages.lockFile, 'utf8');
  return { version: packages.lockedVersion, lock, hashed: true };
}

/**
 * Asks the package index for the newest version that works with this Python, or for the given one.
 * @throws DomainError `offline`, `not_found` and others of {@link installFailure}.
 */
export async function resolveEngine(input: ResolveInput): Promise<Resolution> {
  const { uv, adapter, packages, version, python, call } = input;
  await mkdir(input.folder, { recursive: true });
  const folder = await mkdtemp(path.join(input.folder, RESOLVE));
  try {
    const wanted = packages.requirements(version);
    await writeFile(path.join(folder, 'in.txt'), `${wanted.join('\n')}\n`);
    const lock = path.join(folder, 'lock.txt');
    const result = await uv.run(
      [
        ...['pip', 'compile', path.join(folder, 'in.txt'), '--quiet', '--output-file', lock],
        ...['--python', python.path, '--no-header', '--no-annotate'],
        ...(packages.overrides === undefined ? [] : ['--overrides', packages.overrides]),
        ...(input.dependencies === false ? ['--no-deps'] : []),
      ],
      { ...call, onLine: undefined },
    );
    const doing = `Looking up ${adapter.id}${version === 'newest' ? '' : ` ${version}`}`;
    if (result.timedOut) throw new DomainError('timeout', `${doing} took too long.`);
    if (result.code !== 0) throw notResolved(doing, adapter, version, result.output);
    return readLock(await readFile(lock, 'utf8'), adapter.distribution);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function notResolved(
  doing: string,
  adapter: EngineAdapter,
  version: string,
  output: string,
): DomainError {
  const error = installFailure(doing, output);
  if (error.code !== 'not_found' || version === 'newest') return error;
  const message = `${adapter.id} ${version} isn't in the package index, or not for this machine.`;
  return new DomainError('not_found', message, { data: error.data });
}

function readLock(lock: string, name: string): Resolution {
  const line = lock.split('\n').find((one) => one.startsWith(`${name}==`));
  const version = /==([^\s;]+)/.exec(line ?? '')?.[1];
  if (version === undefined) {
    throw new DomainError('engine_broken', `The package index's answer doesn't include ${name}.`);
  }
  return { version, lock, hashed: false };
}

interface FillInput {
  readonly uv: Uv;
  readonly what: string;
  readonly resolution: Resolution;
  readonly python: Python;
  readonly folder: string;
  readonly call: UvCall;
  readonly report: PhaseReport;
}

/** Makes the environment in its final folder (it cannot be moved later) and returns what is in it. */
export async function fillEnvironment(input: FillInput): Promise<string[]> {
  const { uv, what, resolution, python, folder, call, report } = input;
  const doing = `Installing ${what}`;
  const run = async (args: readonly string[], options: UvCall = call): Promise<string> => {
    const result = await uv.run(args, options);
    if (result.code !== 0) throw installFailure(doing, result.output);
    return result.stdout;
  };
  await mkdir(path.dirname(folder), { recursive: true });
  await run(['venv', '--no-project', '--no-config', '--python', python.path, folder]);
  const inside = ['--python', path.join(folder, 'bin', 'python')];
  const lock = path.join(folder, 'lock.txt');
  await writeFile(lock, resolution.lock);
  const total = resolution.lock.split('\n').filter((line) => /^[\w.-]+==/.test(line)).length;
  const onLine = (line: string): void => {
    call.onLine?.(line);
    const part = progressOf(line);
    if (part === undefined) return;
    report.fraction(part);
    report.detail(`${line.trim()} (${total} packages)`);
  };
  const verified = resolution.hashed ? ['--require-hashes'] : [];
  await run(['pip', 'sync', ...inside, ...verified, lock], { ...call, onLine });
  return installedPackages(folder);
}

/**
 * What is in an environment, as `name==version`, by its own records (packaging.python.org, "Recording
 * installed projects": one NAME-VERSION.dist-info a package); another run of uv would take longer.
 */
export async function installedPackages(folder: string): Promise<string[]> {
  const site = await sitePackages(folder, realDisk);
  const found = site === undefined ? [] : await realDisk.names(site);
  return (found ?? [])
    .filter((name) => name.endsWith('.dist-info'))
    .map(packageOf)
    .sort();
}

/** How far uv is, by what it prints: it names each download, but not how much of it is done. */
function progressOf(line: string): number | undefined {
  if (/^Resolved \d+/.test(line)) return 0.1;
  if (/^Downloading /.test(line.trim())) return 0.2;
  if (/^Downloaded /.test(line.trim())) return 0.5;
  if (/^Prepared \d+/.test(line)) return 0.8;
  return /^Installed \d+/.test(line) ? 1 : undefined;
}
