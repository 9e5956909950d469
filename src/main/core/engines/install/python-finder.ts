import { access, constants, stat } from 'node:fs/promises';
import path from 'node:path';

import { runTool } from './run-tool';

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

/** Names on the PATH in order of preference; 3.12 has wheels for everything. */
const NAMES = ['3.12', '3.13', '3.11', '3.14', '3.10'].map((version) => `python${version}`);
const ASK = 'import sys,json;print(json.dumps([list(sys.version_info[:3]), sys.executable]))';
/** A Python that needs longer than this to say its version is of no use. */
const ASK_LIMIT_MS = 10_000;

/** Every different Python of the PATH, preferred ones first. */
export async function systemPythons(env: Readonly<Record<string, string>>): Promise<Python[]> {
  const folders = (env.PATH ?? '').split(':').filter((folder) => path.isAbsolute(folder));
  const candidates = [...NAMES, 'python3', 'python'].flatMap((name) =>
    folders.map((folder) => path.join(folder, name)),
  );
  const found: Python[] = [];
  for (const candidate of candidates) {
    const python = await askPython(candidate, env);
    if (python && !found.some((other) => other.path === python.path)) found.push(python);
  }
  return found;
}

/** What a Python says about itself, or undefined when it is none that can be run. */
export async function askPython(
  file: string,
  env: Readonly<Record<string, string>>,
): Promise<Python | undefined> {
  if (!(await isExecutableFile(file)) || (await isInstallPrompt(file))) return undefined;
  try {
    const { code, stdout } = await runTool({
      file,
      args: ['-I', '-c', ASK],
      env,
      limitMs: ASK_LIMIT_MS,
    });
    return code === 0 ? parseAnswer(stdout, file) : undefined;
  } catch {
    return undefined; // not a program for this machine: another candidate may be
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

export async function isExecutableFile(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}

/**
 * Without the command line tools, macOS has a /usr/bin/python3 that only opens a dialog to install
 * them. It must not be run.
 */
async function isInstallPrompt(file: string): Promise<boolean> {
  if (process.platform !== 'darwin' || path.dirname(file) !== '/usr/bin') return false;
  const tools = ['/Library/Developer/CommandLineTools', '/Applications/Xcode.app'];
  const present = await Promise.all(
    tools.map((folder) =>
      access(folder).then(
        () => true,
        () => false,
      ),
    ),
  );
  return !present.includes(true);
}
