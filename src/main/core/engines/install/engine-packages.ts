import { access, readFile } from 'node:fs/promises';
import path from 'node:path';

import { DomainError } from '@shared/errors';

import { ifThere } from '../checks/disk';
import { type PackageSizes, readSizes } from './package-sizes';

/**
 * What an engine's environment is made of, out of `resources/engines/ENGINE`: `in.txt` names the
 * packages that are asked for with the version this program was tested with, `PLATFORM.txt` lists
 * everything that comes with them, exact and with hashes, and `PLATFORM.sizes.txt` what each of these
 * weighs (scripts/lock-engines.mjs).
 */
export interface EnginePackages {
  /** The version that the lists were made for. */
  readonly lockedVersion: string;
  /** Requirement lines for a version, or for the newest that the index has. */
  requirements(version: string | 'newest'): string[];
  /** A file of uv overrides for this platform. */
  readonly overrides: string | undefined;
  /** The list for this platform; undefined where there is none. */
  readonly lockFile: string | undefined;
  /** What each package of the list weighs; undefined where nobody measured it. */
  readonly sizes: PackageSizes | undefined;
}

/** The Pythons that the lists hold for: 3.11 and 3.12 (scripts/lock-engines.mjs makes them for both). */
export const LOCKED_PYTHON = { min: [3, 11], below: [3, 13] } as const;

interface PackagesInput {
  /** The folder `resources`. */
  readonly resources: string;
  readonly engine: string;
  /** The engine's own package, `mlx-lm`. */
  readonly distribution: string;
  readonly platform?: NodeJS.Platform;
  readonly arch?: string;
}

/** @throws DomainError `engine_broken` when this program lacks its own files. */
export async function readPackages(input: PackagesInput): Promise<EnginePackages> {
  const { resources, engine, distribution } = input;
  const { platform = process.platform, arch = process.arch } = input;
  const folder = path.join(resources, 'engines', engine);
  const text = await readFile(path.join(folder, 'in.txt'), 'utf8').catch((error: unknown) => {
    throw new DomainError('engine_broken', `This program lacks its list of packages: ${error}`);
  });
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
  const lockedVersion = lines.map((line) => pinOf(line, distribution)).find(Boolean);
  if (lockedVersion === undefined) {
    throw new DomainError('engine_broken', `${folder}/in.txt names no version of ${distribution}.`);
  }
  const there = async (name: string): Promise<string | undefined> => {
    const file = path.join(folder, name);
    // A list that could not be looked for is not one that does not exist: without it, other packages are installed.
    return ifThere(access(file).then(() => file));
  };
  const name = `${platform === 'darwin' ? 'macos' : platform}-${arch}`;
  const sizes = await ifThere(readFile(path.join(folder, `${name}.sizes.txt`), 'utf8'));
  return {
    lockedVersion,
    requirements: (version) => lines.map((line) => withVersion(line, distribution, version)),
    overrides: platform === 'linux' ? await there('overrides-linux.txt') : undefined,
    lockFile: await there(`${name}.txt`),
    sizes: sizes === undefined ? undefined : readSizes(sizes),
  };
}

/** `mlx-lm[cpu]==0.32.2 ; marker` taken apart. */
const PIN = /^([\w.-]+)((?:\[[^\]]*\])?)==([^\s;]+)(.*)$/;

function pinOf(line: string, distribution: string): string | undefined {
  const match = PIN.exec(line);
  return match?.[1] === distribution ? match[3] : undefined;
}

/** The same requirement for another version; other packages stay as they are. */
function withVersion(line: string, distribution: string, version: string): string {
  const match = PIN.exec(line);
  if (match?.[1] !== distribution) return line;
  const [, name, extras, , marker] = match;
  return `${name}${extras}${version === 'newest' ? '' : `==${version}`}${marker}`;
}
