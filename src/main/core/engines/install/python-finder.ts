import { access } from 'node:fs/promises';
import path from 'node:path';

import { DomainError, messageOf } from '@shared/errors';

import type { Seen } from '../../ports/processes';
import { known, unknown } from '../../processes/seen';
import { ifThere, realDisk } from '../checks/disk';
import { ToolRecordError } from '../tools/owned-tools';
import type { RunTool } from '../tools/tool-runner';

/** A Python that can be run. */
export interface Python {
  readonly path: string;
  readonly version: string;
  readonly major: number;
  readonly minor: number;
}

/** `[min, below)` of versions. */
export interface PythonRange {
  readonly min: readonly [number, number];
  readonly below: readonly [number, number];
}

/** What the PATH has. */
export interface SystemPythons {
  /** Every different one, preferred ones first. */
  readonly found: readonly Python[];
  /** Those that did not tell what they are: `/x/python3 (it did not answer within 10 s)`. */
  readonly silent: readonly string[];
}

type Env = Readonly<Record<string, string>>;

/** Names on the PATH in order of preference; 3.12 has wheels for everything. */
const NAMES = ['3.12', '3.13', '3.11', '3.14', '3.10'].map((version) => `python${version}`);
const ASK = 'import sys,json;print(json.dumps([list(sys.version_info[:3]), sys.executable]))';
/** A Python that needs longer than this to say its version is of no use. */
const ASK_LIMIT_MS = 10_000;

/** Asks every Python of the PATH. */
export async function systemPythons(
  env: Env,
  run: RunTool,
  signal?: AbortSignal,
): Promise<SystemPythons> {
  const folders = (env.PATH ?? '').split(':').filter((folder) => path.isAbsolute(folder));
  const candidates = [...NAMES, 'python3', 'python'].flatMap((name) =>
    folders.map((folder) => path.join(folder, name)),
  );
  const found: Python[] = [];
  const silent: string[] = [];
  for (const candidate of candidates) {
    const python = await askPython(candidate, env, run, signal);
    if (!python.known) silent.push(`${candidate} (${python.reason})`);
    else if (python.value && !found.some((other) => other.path === python.value?.path)) {
      found.push(python.value);
    }
  }
  return { found, silent };
}

/**
 * What a Python says about itself; undefined when it is none that can be run.
 * @throws DomainError cancelled; ToolRecordError when no program could be asked.
 */
export async function askPython(
  file: string,
  env: Env,
  run: RunTool,
  signal?: AbortSignal,
): Promise<Seen<Python | undefined>> {
  try {
    if (!(await isExecutableFile(file)) || (await isInstallPrompt(file))) return known(undefined);
    const { code, stdout, timedOut } = await run({
      what: `${path.basename(file)} -c`,
      file,
      args: ['-I', '-c', ASK],
      env,
      signal,
      limitMs: ASK_LIMIT_MS,
    });
    if (timedOut) return unknown(`it did not answer within ${ASK_LIMIT_MS / 1000} s`);
    return known(code === 0 ? parseAnswer(stdout, file) : undefined);
  } catch (error) {
    if (!(error instanceof DomainError)) return unknown(messageOf(error));
    if (error.code === 'cancelled' || error instanceof ToolRecordError) throw error;
    // Not a program for this machine: another candidate may be one.
    const isNone = error.code === 'engine_missing' || error.code === 'permission';
    return isNone ? known(undefined) : unknown(error.message);
  }
}

function parseAnswer(stdout: string, file: string): Python | undefined {
  const match = /\[\[(\d+), (\d+), (\d+)\], "(.*)"\]/.exec(stdout);
  if (!match) return undefined;
  const [, major, minor, patch] = match;
  return {
    // A shim says where the real one is; a virtual environment says itself.
    path: JSON.parse(`"${match[4] ?? ''}"`) || file,
    version: `${major}.${minor}.${patch}`,
    major: Number(major),
    minor: Number(minor),
  };
}

export function isInRange(python: Python, { min, below }: PythonRange): boolean {
  const value = python.major * 1000 + python.minor;
  return value >= min[0] * 1000 + min[1] && value < below[0] * 1000 + below[1];
}

/** `3.10 to 3.14`. */
export function rangeText({ min, below }: PythonRange): string {
  return `${min.join('.')} to ${below[0]}.${below[1] - 1}`;
}

/** Whether a file is there and may be executed. Rejects when that cannot be told. */
export async function isExecutableFile(file: string): Promise<boolean> {
  const info = await realDisk.stat(file);
  return info?.isFile() === true && (await realDisk.mayExecute(file));
}

/**
 * Without the command line tools, macOS has a /usr/bin/python3 that only opens a dialog to install
 * them. It must not be run.
 */
async function isInstallPrompt(file: string): Promise<boolean> {
  if (process.platform !== 'darwin' || path.dirname(file) !== '/usr/bin') return false;
  const tools = ['/Library/Developer/CommandLineTools', '/Applications/Xcode.app'];
  const present = await Promise.all(
    tools.map((folder) => ifThere(access(folder).then(() => true))),
  );
  return !present.includes(true);
}
