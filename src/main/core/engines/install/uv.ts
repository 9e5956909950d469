import { randomBytes } from 'node:crypto';
import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';

import { DomainError } from '@shared/errors';
import { makeAction } from '@shared/errors/action';

import { installFailure } from './install-failure';
import { readPipSettings } from './pip-settings';
import { systemCertificates, writeUvSettings } from './uv-settings';
import {
  askPython,
  isExecutableFile,
  isInRange,
  type Python,
  type PythonRange,
  rangeText,
  systemPythons,
} from './python-finder';
import { ToolRecordError } from '../tools/owned-tools';
import { type RunTool, throwIfCancelled, type ToolResult } from '../tools/tool-runner';

/** The version in resources/engines/uv, fetched where the machine has no usable one; this program was tested with it. */
const UV_VERSION = '0.13.9';
/** Older ones lack options that we use. */
const OLDEST_UV: readonly [number, number] = [0, 8];
/** Oldest Python whose pip can fetch uv. */
const BOOTSTRAP: PythonRange = { min: [3, 8], below: [3, 99] };
const BOOTSTRAP_LIMIT_MS = 300_000;
const PYTHON_LIMIT_MS = 600_000;
/** After a failed fetch of a Python, how long the next attempt is left out. */
const PYTHON_RETRY_MS = 600_000;

/** Folders beside uv's own in which it is fetched; a fetch that was killed leaves one. */
export const FETCHED_PARTS = /^uv-[\d.]+\.[0-9a-f]{8}$/;

type Env = Readonly<Record<string, string>>;
type OnLine = (line: string) => void;

export interface UvOptions {
  /** Our own folder for tools. */
  readonly folder: string;
  /** The one that the packaged application brings; it need not be there. */
  readonly bundled: string;
  /** Our list with uv's version and the hashes of its packages. */
  readonly requirements: string;
  /** Environment for installers. */
  readonly env: Env;
  readonly run: RunTool;
  /** Milliseconds that never go back. */
  readonly monotonic: () => number;
}

export interface UvCall {
  readonly onLine?: OnLine | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly limitMs?: number | undefined;
  readonly env?: Env | undefined;
  /** The job that it is done for, and the folder that it writes to. */
  readonly job?: string | undefined;
  readonly folder?: string | undefined;
}

/** Finds or fetches uv, and a Python for engines. Nothing outside our folder is changed. */
export class Uv {
  readonly #folder: string;
  readonly #bundled: string;
  readonly #requirements: string;
  readonly #env: Env;
  readonly #run: RunTool;
  readonly #monotonic: () => number;
  #file: string | undefined;
  #fetching: Promise<string> | undefined;
  #pythonFailure: { readonly at: number; readonly reason: string } | undefined;

  constructor({ folder, bundled, requirements, env, run, monotonic }: UvOptions) {
    this.#folder = folder;
    this.#bundled = bundled;
    this.#requirements = requirements;
    this.#env = { ...env, UV_PYTHON_INSTALL_BIN: '0', ...systemCertificates(env) };
    this.#run = run;
    this.#monotonic = monotonic;
  }

  /** Runs uv; a failed run is a result, not an error. */
  async run(args: readonly string[], call: UvCall = {}): Promise<ToolResult> {
    const file = await this.ensure(call.onLine, call.signal);
    return this.#run({
      ...call,
      what: ['uv', ...args.slice(0, 2)].join(' '),
      file,
      args,
      env: {
        ...this.#env,
        UV_PYTHON_INSTALL_DIR: this.#pythons(),
        UV_CONFIG_FILE: await writeUvSettings(this.#folder, this.#env),
        ...call.env,
      },
      cwd: this.#folder,
    });
  }

  /** Path of a uv that runs; fetched into our own folder where the machine has none. */
  async ensure(onLine?: OnLine, signal?: AbortSignal): Promise<string> {
    await mkdir(this.#folder, { recursive: true });
    const before = this.#file;
    if (before !== undefined && (await isExecutableFile(before))) return before;
    for (;;) {
      this.#fetching ??= this.#findOrFetch(onLine, signal).finally(() => {
        this.#fetching = undefined;
      });
      try {
        this.#file = await this.#fetching;
        return this.#file;
      } catch (error) {
        // Cancelled by whoever began it, which was not this caller.
        const isOthers = error instanceof DomainError && error.code === 'cancelled';
        if (!isOthers || signal?.aborted) throw error;
      }
    }
  }

  async #findOrFetch(onLine?: OnLine, signal?: AbortSignal): Promise<string> {
    const own = path.join(this.#folder, `uv-${UV_VERSION}`, 'bin', 'uv');
    const home = this.#env.HOME ?? '';
    const onPath = (this.#env.PATH ?? '').split(':').map((folder) => path.join(folder, 'uv'));
    const usual = ['.local/bin/uv', '.cargo/bin/uv'].map((place) => path.join(home, place));
    // The bundled one first: it is the version that this program was tested with.
    for (const file of [this.#bundled, ...onPath, ...usual, own]) {
      if (path.isAbsolute(file) && (await this.#isUsable(file, signal))) return file;
    }
    return this.#fetch(own, onLine, signal);
  }

  /** uv is one program without dependencies, so its package can be unpacked anywhere and moved. */
  async #fetch(own: string, onLine?: OnLine, signal?: AbortSignal): Promise<string> {
    const { found, silent } = await systemPythons(this.#env, this.#run, signal);
    const pythons = found.filter((one) => isInRange(one, BOOTSTRAP));
    if (pythons.length === 0) throw noPython(silent);
    onLine?.(`Downloading uv ${UV_VERSION} with Python ${pythons[0]?.version}`);
    const parts = `${path.dirname(path.dirname(own))}.${randomBytes(4).toString('hex')}`;
    const target = path.join(parts, 'uv');
    try {
      await this.#fetchWithPip(pythons, parts, target, { onLine, signal });
      if (!(await this.#isUsable(path.join(target, 'bin', 'uv'), signal))) {
        throw new DomainError(
          'engine_broken',
          `uv ${UV_VERSION} was downloaded but doesn't run here.`,
        );
      }
      await rm(path.dirname(path.dirname(own)), { recursive: true, force: true });
      await rename(target, path.dirname(path.dirname(own)));
    } finally {
      await rm(parts, { recursive: true, force: true });
    }
    return own;
  }

  /** With the pip of a Python, or with that of an environment made for it where Python comes without. */
  async #fetchWithPip(
    pythons: readonly Python[],
    parts: string,
    target: string,
    call: UvCall,
  ): Promise<void> {
    const run = (file: string, args: readonly string[], env = this.#env): Promise<ToolResult> => {
      const what = `${path.basename(file)} ${args.slice(0, 3).join(' ')}`;
      return this.#run({ ...call, what, file, args, env, limitMs: BOOTSTRAP_LIMIT_MS });
    };
    for (const python of pythons) {
      let pip = python.path;
      if ((await run(pip, ['-m', 'pip', '--version'])).code !== 0) {
        const venv = path.join(parts, 'venv');
        await rm(venv, { recursive: true, force: true });
        if ((await run(python.path, ['-m', 'venv', venv])).code !== 0) continue;
        pip = path.join(venv, 'bin', 'python');
      }
      const options = ['--no-input', '--disable-pip-version-check', '--retries', '1', '--no-deps'];
      const listed = await run(pip, ['-m', 'pip', 'config', 'list']);
      const env = readPipSettings(this.#env, listed);
      const words = [
        ...['-m', 'pip', 'install', '--quiet', ...options, '--target', target],
        ...['--require-hashes', '--only-binary', ':all:', '--requirement', this.#requirements],
      ];
      const { code, output } = await run(pip, words, env);
      if (code === 0) return;
      throw installFailure(`Downloading uv ${UV_VERSION}`, output);
    }
    throw noPip(pythons);
  }

  /**
   * A Python in the range: one that uv keeps for us, else fetched by uv, else the system's.
   * @throws DomainError `engine_missing` that says what to install.
   */
  async python(range: PythonRange, prefer: string, call: UvCall = {}): Promise<Python> {
    const kept = await this.#keptPython(prefer, call);
    if (kept && isInRange(kept, range)) return kept;
    const fetched = await this.#fetchPython(prefer, call);
    if (fetched && isInRange(fetched, range)) return fetched;
    const { found, silent } = await systemPythons(this.#env, this.#run, call.signal);
    const system = found.find((python) => isInRange(python, range));
    if (system) return system;
    const reason = this.#pythonFailure?.reason ?? 'it downloaded none';
    const here =
      silent.length === 0
        ? 'was found here'
        : `was found here (these didn't report their version: ${silent.join(', ')})`;
    const message = `No Python ${rangeText(range)} ${here}, and uv couldn't download one (${reason}).`;
    throw new DomainError('engine_missing', message, {
      action: makeAction('install_python', { version: prefer }),
    });
  }

  /** A Python that is here already, without a network. */
  async localPython(
    range: PythonRange,
    prefer: string,
    call: UvCall = {},
  ): Promise<Python | undefined> {
    const kept = await this.#keptPython(prefer, call);
    if (kept && isInRange(kept, range)) return kept;
    const { found } = await systemPythons(this.#env, this.#run, call.signal);
    return found.find((python) => isInRange(python, range));
  }

  async #keptPython(version: string, call: UvCall): Promise<Python | undefined> {
    const args = ['python', 'find', '--managed-python', '--no-project', version];
    const { code, stdout } = await this.run(args, {
      signal: call.signal,
      env: { UV_PYTHON_DOWNLOADS: 'never' },
    });
    if (code !== 0) return undefined;
    const python = await askPython(stdout.trim(), this.#env, this.#run, call.signal);
    return python.known ? python.value : undefined;
  }

  async #fetchPython(version: string, call: UvCall): Promise<Python | undefined> {
    const failed = this.#pythonFailure;
    if (failed && this.#monotonic() - failed.at < PYTHON_RETRY_MS) return undefined;
    const result = await this.run(['python', 'install', '--no-bin', version], {
      ...call,
      limitMs: PYTHON_LIMIT_MS,
      // There is another way, so one attempt is enough.
      env: { UV_HTTP_RETRIES: '0' },
    });
    if (result.code === 0) return this.#keptPython(version, call);
    const reason = result.timedOut ? 'it took too long' : lastCause(result.output);
    this.#pythonFailure = { at: this.#monotonic(), reason };
    return undefined;
  }

  /** One that does not tell its version in time is of no use: another one may be. */
  async #isUsable(file: string, signal?: AbortSignal): Promise<boolean> {
    try {
      if (!(await isExecutableFile(file))) return false;
      const what = 'uv --version';
      const args = ['--version'];
      const env = this.#env;
      const { code, stdout } = await this.#run({ what, file, args, env, signal, limitMs: 10_000 });
      const version = /^uv (\d+)\.(\d+)/.exec(stdout);
      if (code !== 0 || !version) return false;
      return Number(version[1]) * 1000 + Number(version[2]) >= OLDEST_UV[0] * 1000 + OLDEST_UV[1];
    } catch (error) {
      throwIfCancelled(signal);
      if (error instanceof ToolRecordError) throw error;
      return false; // what cannot be asked is of no more use
    }
  }

  #pythons(): string {
    return path.join(this.#folder, 'python');
  }
}

function lastCause(output: string): string {
  const lines = output.trim().split('\n');
  const last = lines.findLast((line) => /cause:|error:/.test(line)) ?? lines.at(-1) ?? '';
  return last.replace(/^\s*(?:cause|error):\s*/, '').trim();
}

function noPython(silent: readonly string[]): DomainError {
  const message =
    silent.length === 0
      ? 'Installing engines needs uv or Python 3.8 or newer, and neither was found.'
      : `uv was not found, and no Python reported its version: ${silent.join(', ')}. Installing engines needs one of them.`;
  const platform = process.platform === 'darwin' ? 'darwin' : 'linux';
  return new DomainError('engine_missing', message, {
    action: makeAction('install_python', { platform }),
  });
}

function noPip(pythons: readonly Python[]): DomainError {
  const found = pythons.map((python) => python.path).join(', ');
  const message = `Python was found (${found}), but it has neither pip nor venv, and downloading uv needs one of them.`;
  return new DomainError('engine_missing', message, {
    action: makeAction('install_pip'),
  });
}
