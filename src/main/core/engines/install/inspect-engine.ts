import path from 'node:path';

import { DomainError } from '@shared/errors';
import { makeAction } from '@shared/errors/action';

import { realDisk } from '../checks/disk';
import { interpreterOf, SCRIPT_HEAD } from '../checks/program';
import { HELP_ENV } from '../options/options-parser';
import { isExecutableFile } from './python-finder';
import type { RunTool } from '../tools/tool-runner';

/** How a program is run that is asked something. */
export interface AskedWith {
  readonly env: Readonly<Record<string, string>>;
  readonly run: RunTool;
  readonly signal?: AbortSignal | undefined;
}

/** Importing an engine for its help takes seconds; a cold disk takes many. */
const HELP_LIMIT_MS = 120_000;
const ASK_LIMIT_MS = 30_000;

/** Signals by which a program says that it cannot go on. Every other one came from outside. */
const CRASHES: readonly (string | null)[] = [
  'SIGABRT',
  'SIGBUS',
  'SIGFPE',
  'SIGILL',
  'SIGSEGV',
  'SIGTRAP',
];

/**
 * The engine's own `--help`.
 * @throws DomainError `engine_broken` when it ran and printed none, `engine_missing` and `permission` when it
 * cannot be executed; any other one when it cannot be told whether it has one.
 */
export async function readHelp(
  program: string,
  helpArgs: readonly string[],
  { env, run, signal }: AskedWith,
): Promise<string> {
  const command = [path.basename(program), ...helpArgs].join(' ');
  const {
    code,
    signal: endedBy,
    stdout,
    output,
    timedOut,
  } = await run({
    what: command,
    file: program,
    args: helpArgs,
    env: { ...env, ...HELP_ENV },
    signal,
    limitMs: HELP_LIMIT_MS,
  });
  if (timedOut) {
    throw new DomainError('timeout', `${command} did not end within ${HELP_LIMIT_MS / 1000} s.`);
  }
  if (code === 0 && /^ {1,4}-/m.test(stdout)) return stdout;
  const isFromOutside = code === null && !CRASHES.includes(endedBy);
  const last = output.trim().split('\n').at(-1) || 'nothing';
  const message = `${command} ended with ${code ?? endedBy} and printed: ${last}`;
  throw new DomainError(isFromOutside ? 'exited' : 'engine_broken', message);
}

/** What an environment says about itself. */
export interface Environment {
  readonly pythonVersion: string;
  /** Version of the engine's package in it. */
  readonly version: string;
  /** Folder of its executables. */
  readonly bin: string;
}

const ASK = `
import json, sys, sysconfig
from importlib.metadata import version, PackageNotFoundError
try: found = version(sys.argv[1])
except PackageNotFoundError: found = None
print(json.dumps({"python": "%d.%d.%d" % sys.version_info[:3], "version": found, "bin": sysconfig.get_path("scripts")}))
`;

/**
 * Asks a Python whether it holds the engine's package.
 * @throws DomainError `engine_missing` when it does not, or when it is no Python.
 */
export async function inspectPython(
  python: string,
  distribution: string,
  executable: string,
  { env, run, signal }: AskedWith,
): Promise<Environment> {
  if (!(await isExecutableFile(python))) {
    throw new DomainError('engine_missing', `${python} isn't an executable program.`);
  }
  const { code, stdout, output, timedOut } = await run({
    what: `${path.basename(python)} -c`,
    file: python,
    args: ['-c', ASK, distribution],
    env,
    signal,
    limitMs: ASK_LIMIT_MS,
  });
  if (timedOut) {
    throw new DomainError('timeout', `${python} didn't respond within ${ASK_LIMIT_MS / 1000} s.`);
  }
  const answer = code === 0 ? parseAnswer(stdout) : undefined;
  if (!answer) {
    const last = output.trim().split('\n').at(-1) ?? 'nothing';
    throw new DomainError('engine_missing', `${python} isn't a working Python: ${last}`);
  }
  if (answer.version === null) {
    throw new DomainError(
      'engine_missing',
      `${python} (Python ${answer.python}) doesn't have the package ${distribution}.`,
      { action: makeAction('install_package', { python, package: distribution }) },
    );
  }
  // A virtual environment's python is usually a link; its programs are beside the link.
  const beside = path.dirname(python);
  const bin = (await isExecutableFile(path.join(beside, executable))) ? beside : answer.bin;
  if (!(await isExecutableFile(path.join(bin, executable)))) {
    throw new DomainError('engine_missing', `${python} has no program ${executable} in ${bin}.`);
  }
  return { pythonVersion: answer.python, version: answer.version, bin };
}

/** The Python that a script's first line names, when it names one. */
export async function pythonOfScript(program: string): Promise<string | undefined> {
  // What may be executed need not be readable: then it stays unknown what it runs with.
  const head = await realDisk.head(program, SCRIPT_HEAD).catch(() => undefined);
  const python = interpreterOf(head?.toString('utf8') ?? '')?.at(-1);
  if (python === undefined || !/^\/.*\/python[\d.]*$/.test(python)) return undefined;
  return (await isExecutableFile(python)) ? python : undefined;
}

function parseAnswer(
  stdout: string,
): { python: string; version: string | null; bin: string } | undefined {
  try {
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
  } catch {
    return undefined; // said by the caller
  }
}
