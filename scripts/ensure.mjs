// Brings a checkout to the point where it can run: packages installed, programs built, git hook set.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { envFor, findNode, npm, root, run } from './node24.mjs';

/** Installs the packages of package-lock.json where they are missing or others. */
export async function ensureInstalled() {
  if (await isInstalled()) return;
  const done = step('Installing packages (npm ci)');
  const { code } = await npm(['ci', '--include=dev'], { stdio: ['ignore', 'ignore', 'inherit'] });
  if (code !== 0) throw new Error(`npm ci failed (exit ${code}).`);
  done();
}

/** Compares the lock file with npm's own record of what is in node_modules (written last, so a cut install has none). */
async function isInstalled() {
  const wanted = await readJson(join(root, 'package-lock.json'));
  const found = await readJson(join(root, 'node_modules', '.package-lock.json'));
  if (wanted === undefined) throw new Error('package-lock.json is missing.');
  if (found === undefined) return false;
  return Object.entries(wanted.packages).every(([path, entry]) => {
    if (path === '') return true;
    const present = found.packages[path];
    if (present === undefined) return entry.optional === true;
    return present.version === entry.version && present.integrity === entry.integrity;
  });
}

async function readJson(path) {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT' || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** What each program is built from; `mode` is the one of vite.config.ts, `more` are others that build into the same folder. */
const PROGRAMS = [
  { mode: 'main', title: 'the manager', sources: ['src/main', 'src/cli', 'src/shared'] },
  { mode: 'preload', title: 'the bridge to the window', sources: ['src/preload'] },
  { mode: 'renderer', title: 'the screens', sources: ['src/renderer', 'src/shared'] },
];
/** What scripts/executable.mjs packs; nothing else needs it. */
export const BUNDLE = [
  {
    mode: 'executable',
    more: ['executable-thread', 'executable-counter', 'executable-gateway'],
    title: 'the bundle of the single executable',
    sources: ['src/main', 'src/cli', 'src/shared'],
  },
];
const COMMON_SOURCES = ['vite.config.ts', 'tsconfig.json', 'package.json', 'package-lock.json'];

/** Builds the programs whose sources changed since they were built; all of them with `force`. */
export async function ensureBuilt({ force = false, programs = PROGRAMS } = {}) {
  for (const program of programs) {
    const out = join(root, 'dist', program.mode);
    const stamp = join(out, '.built-from');
    const hash = await hashOf([...COMMON_SOURCES, ...program.sources]);
    if (!force && existsSync(stamp) && (await readFile(stamp, 'utf8')) === hash) continue;
    const done = step(`Building ${program.title}`);
    await build([program.mode, ...(program.more ?? [])], out, hash, force ? 'warn' : 'error');
    done();
  }
}

/** Builds beside the old one and swaps, so that a failed or cut build leaves what worked. */
async function build(modes, out, hash, logLevel) {
  const staging = `${out}-${process.pid}`;
  const node = await findNode();
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  const args = ['--outDir', staging, '--logLevel', logLevel];
  try {
    await mkdir(staging, { recursive: true });
    for (const mode of modes) {
      const { code } = await run(node, [vite, 'build', '--mode', mode, ...args], {
        env: envFor(node, { ...process.env, NODE_ENV: 'production' }),
        stdio: ['ignore', 'inherit', 'inherit'],
      });
      if (code !== 0) throw new Error(`Building ${mode} failed (exit ${code}).`);
    }
    await writeFile(join(staging, '.built-from'), hash);
    await rm(out, { recursive: true, force: true });
    await rename(staging, out);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** One hash over the names and contents of files and folders (relative to the root). */
async function hashOf(paths) {
  const hash = createHash('sha256');
  for (const path of paths) {
    for (const file of await filesOf(join(root, path))) {
      hash.update(`${relative(root, file)}\0`);
      hash.update(await readFile(file));
    }
  }
  return hash.digest('hex');
}

async function filesOf(path) {
  const entries = await readdir(path, { withFileTypes: true, recursive: true }).catch((error) => {
    if (error.code === 'ENOTDIR') return undefined;
    throw error;
  });
  if (entries === undefined) return [path];
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

/** Lets git run the hooks of this checkout, unless the developer chose others. */
export async function ensureHooks() {
  if (!existsSync(join(root, '.git'))) return;
  const ignored = { stdio: 'ignore' };
  try {
    const configured = await run('git', ['config', '--get', 'core.hooksPath'], ignored);
    if (configured.code === 1)
      await run('git', ['config', 'core.hooksPath', 'scripts/hooks'], ignored);
  } catch (error) {
    // A checkout can be there without git: then there is nothing to hook into.
    if (error.code !== 'ENOENT') throw error;
  }
}

export function step(what) {
  const began = Date.now();
  console.error(`${what} ...`);
  return () => console.error(`${what}: done in ${((Date.now() - began) / 1000).toFixed(1)} s`);
}
