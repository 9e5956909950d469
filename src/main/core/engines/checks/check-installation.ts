import path from 'node:path';

import type { InstallationCheck } from '@shared/domain/engine';

import type { Machine } from './binary';
import type { Disk } from './disk';
import { environmentProblem, sitePackages } from './environment';
import { followProgram } from './program';
import { type DamagedFile, findDamagedFiles } from './recorded-files';

/** What a check needs to know of an installation. */
export interface CheckedInstallation {
  readonly origin: 'managed' | 'registered';
  /** Folder of a managed one; the Python or the program of a registered one. */
  readonly path: string;
  /** Folder of its executables. */
  readonly bin: string;
  /** The program that is run to serve. */
  readonly program: string;
  readonly python?: string | undefined;
  readonly packages?: readonly string[] | undefined;
  /** Files that were absent already when its self-test passed, so that it does without them. */
  readonly absentFiles?: readonly string[] | undefined;
}

/** What the checks look with. */
export interface CheckTools {
  readonly disk: Disk;
  readonly here: Machine;
  /** Folders in which the engine's environment finds programs. */
  readonly searchPath: readonly string[];
}

/**
 * Whether the program of an installation can be loaded: it and everything that it names is there, may be executed
 * and is made for this machine. A dozen looks at the disk; nothing is run.
 */
export function checkProgram(
  one: CheckedInstallation,
  tools: CheckTools,
): Promise<InstallationCheck> {
  return told(async () => programProblem(one, tools));
}

/**
 * The same, and whether the files of its packages are there. Some thousand looks at the disk; nothing is run. What
 * a person registered is theirs to change, so its files are not judged.
 */
export function checkFiles(
  one: CheckedInstallation,
  tools: CheckTools,
): Promise<InstallationCheck> {
  return told(async () => {
    const problem = await programProblem(one, tools);
    if (problem !== undefined || one.origin === 'registered') return problem;
    const absent = new Set(one.absentFiles);
    const damaged = await damagedFiles(one, tools.disk);
    return filesProblem(damaged.filter((file) => !absent.has(file.path)));
  });
}

/** The files of a managed installation's packages that are gone or empty now. */
export async function damagedFiles(
  { path: folder, packages = [] }: Pick<CheckedInstallation, 'path' | 'packages'>,
  disk: Disk,
): Promise<DamagedFile[]> {
  const site = await sitePackages(folder, disk);
  if (site === undefined) return packages.length === 0 ? [] : [{ path: 'lib', what: 'gone' }];
  return findDamagedFiles(site, packages, disk);
}

async function programProblem(
  { origin, path: folder, bin, program, python }: CheckedInstallation,
  { disk, here, searchPath }: CheckTools,
): Promise<string | undefined> {
  const isOurs = origin === 'managed';
  if (isOurs && !(await disk.stat(folder))) return `Its folder ${folder} is gone.`;
  const place = { disk, here, searchPath };
  const end = await followProgram(program, 'program', place);
  if ('problem' in end) return end.problem;
  if (python === undefined) return undefined;
  const pythonEnd = await followProgram(python, 'Python', place);
  if ('problem' in pythonEnd) return pythonEnd.problem;
  return environmentProblem({ folder: path.dirname(bin), python, isOurs }, disk);
}

function filesProblem(damaged: readonly DamagedFile[]): string | undefined {
  const [first] = damaged;
  if (!first) return undefined;
  if (damaged.length === 1) return `Its file ${first.path} is ${first.what}.`;
  return `${damaged.length} of its files are missing or empty, including ${first.path}.`;
}

/** A problem that was found, nothing that was found, or why it could not be looked for. */
async function told(look: () => Promise<string | undefined>): Promise<InstallationCheck> {
  try {
    const reason = await look();
    return reason === undefined ? { state: 'works' } : { state: 'cannot-run', reason };
  } catch (error) {
    return { state: 'unknown', reason: unknownReason(error) };
  }
}

/** @throws what is no answer of the system: a mistake of ours. */
function unknownReason(error: unknown): string {
  if (error instanceof Error && 'code' in error && 'syscall' in error) {
    return `Couldn't check its files: ${error.message}.`;
  }
  throw error;
}
