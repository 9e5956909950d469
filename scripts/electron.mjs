// The desktop window of `npm start`: whether there is a desktop, and the Electron binary, which is fetched the first
// time (since version 42 its npm package brings none).
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { step } from './ensure.mjs';
import { root, run } from './node24.mjs';

const PACKAGE = join(root, 'node_modules', 'electron');
/** A binary is about 110 MB. */
const FETCH_LIMIT_MS = 10 * 60_000;

/** Why no window can be opened here; undefined where there is a desktop. */
export function whyNoDesktop(env = process.env, platform = process.platform) {
  if (platform === 'darwin') {
    return env.SSH_CONNECTION ? 'this is a session over SSH, which has no desktop' : undefined;
  }
  if (platform !== 'linux') return `the desktop application is for macOS, not for ${platform}`;
  return env.DISPLAY || env.WAYLAND_DISPLAY ? undefined : 'this machine has no display';
}

/** The path of the Electron program; fetched where it is missing. Rejects with one sentence where it cannot be had. */
export async function findElectron(node) {
  const overridden = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  const name = readIfThere(join(PACKAGE, 'path.txt')) ?? defaultName();
  const file = overridden ? join(overridden, name) : join(PACKAGE, 'dist', name);
  if (existsSync(file)) return file;
  if (overridden) throw new Error(`there is no Electron in ${overridden}`);
  const done = step('Fetching Electron, about 110 MB, the first time only');
  await fetchElectron(node);
  if (!existsSync(file)) throw new Error('Electron was fetched, but its program is not there');
  done();
  return file;
}

function defaultName() {
  return process.platform === 'darwin' ? 'Electron.app/Contents/MacOS/Electron' : 'electron';
}

function readIfThere(file) {
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
}

/** Its progress goes on to the person; its last line is the reason where it fails. */
function fetchElectron(node) {
  return new Promise((resolve, reject) => {
    const child = spawn(node, [join(root, 'scripts', 'fetch-electron.mjs')], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let last = '';
    createInterface({ input: child.stderr }).on('line', (line) => {
      if (/^ {2}\d+ %/.test(line)) console.error(line);
      else last = line;
    });
    const timer = setTimeout(() => child.kill('SIGTERM'), FETCH_LIMIT_MS);
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(timer);
      if (code === 0) resolve();
      else reject(new Error(`Electron could not be fetched (${last.trim() || `exit ${code}`})`));
    });
  });
}

/** Runs Electron with a folder of a built application, and gives how it ended. Ctrl-C in this terminal quits it in order. */
export function openWindow(electron, args, env = process.env) {
  return run(electron, args, { env: envForElectron(env) });
}

/** The environment in which Electron opens a window, whatever terminal this is. */
function envForElectron(env) {
  // A terminal inside an Electron application sets this, and Electron would run as plain Node, without a window.
  const { ELECTRON_RUN_AS_NODE: _, ...rest } = env;
  return { ...rest, NODE_OPTIONS: '' };
}
