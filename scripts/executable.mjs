// Makes the command line with the manager without a desktop a program of its own: Node's own binary with our bundle in
// it (https://nodejs.org/docs/latest-v24.x/api/single-executable-applications.html). In dist/command/SYSTEM it stands
// as it is shipped: bin/mlx-manager, and around it what it needs and cannot hold.
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { chmod, cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BUNDLE, ensureBuilt, ensureInstalled, step } from './ensure.mjs';
import { fetchNodeFor, PLATFORMS } from './fetch-node.mjs';
import { continueUnderNode24, fail, root, run } from './node24.mjs';
import { sha256 } from './wheel.mjs';

/** By this Node knows that it holds a program: `:0` behind it becomes `:1`. */
export const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';
const BLOB = 'NODE_SEA_BLOB';
/** The segment of a Mach-O in which Node looks for it. */
export const SEGMENT = 'NODE_SEA';

const BUILT = join(root, 'dist', 'executable');
/** Texts of threads, which the program finds by these names (src/main/core/ports/packed-files.ts). */
export const THREADS = ['hash-worker.cjs', 'counter-worker.cjs', 'gateway-thread.cjs'];
export const THIS_SYSTEM = `${process.platform}-${process.arch}`;

/** Where the one for a system is, once it was made. */
export function executableFor(system) {
  return join(root, 'dist', 'command', system, 'bin', 'mlx-manager');
}

/** Makes it where it is missing or stale, and gives its path. */
export async function ensureExecutable(system = THIS_SYSTEM) {
  if (!(system in PLATFORMS)) {
    const known = Object.keys(PLATFORMS).join(', ');
    throw new Error(`No single executable is made for ${system}, only for ${known}.`);
  }
  await ensureBuilt({ programs: BUNDLE });
  const node = await fetchNodeFor(system);
  const folder = join(root, 'dist', 'command', system);
  const stamp = join(folder, '.built-from');
  const built = await readFile(join(BUILT, '.built-from'), 'utf8');
  const from = sha256(`${built} ${node.sha256} ${await readFile(import.meta.filename, 'utf8')}`);
  if ((await readFile(stamp, 'utf8').catch(() => '')) !== from) {
    const done = step(`Making the executable for ${system}`);
    await rm(folder, { recursive: true, force: true });
    await makeProgram(system, node, executableFor(system));
    await writeFile(stamp, from);
    done();
  }
  if (system === THIS_SYSTEM) await putAround(folder);
  return executableFor(system);
}

async function makeProgram(system, node, program) {
  const blob = await makeBlob(system, join(program, '..'));
  await writeFile(program, await readFile(node.file));
  await chmod(program, 0o755);
  // Only here: `npm test` and the like read this file before the packages are installed. On Linux it warns of names that
  // Node's binary never had; that changes nothing.
  const { inject } = await import('postject');
  await inject(program, BLOB, blob, {
    sentinelFuse: FUSE,
    ...(system.startsWith('darwin') ? { machoSegmentName: SEGMENT } : {}),
  });
  // The signature of Node's makers no longer holds. A package is signed as a whole; alone, it runs on this Mac.
  if (system.startsWith('darwin') && process.platform === 'darwin') {
    const { status, stderr } = spawnSync('codesign', ['--force', '--sign', '-', program]);
    if (status !== 0) throw new Error(`codesign refused the executable: ${stderr}`);
  }
}

/** What Node finds in itself; made by the same version, whose format it has, on whatever system. */
async function makeBlob(system, folder) {
  await mkdir(folder, { recursive: true });
  const config = join(folder, 'sea.json');
  const output = join(folder, 'sea.blob');
  await writeFile(
    config,
    JSON.stringify({
      output,
      main: join(BUILT, 'mlx-manager.cjs'),
      assets: Object.fromEntries(THREADS.map((name) => [name, join(BUILT, name)])),
      disableExperimentalSEAWarning: true,
      // Neither NODE_OPTIONS nor a word of the command line changes how it runs.
      execArgvExtension: 'none',
      // V8 begins with room for 1 MB of new objects and stops to clear it up again and again while the program loads: a
      // tenth of a short command. A manager comes to this size all the same.
      execArgv: ['--min-semi-space-size=16'],
      // Compiled code saves a third of the start. It holds for the system alone on which it was made.
      useCodeCache: system === THIS_SYSTEM,
    }),
  );
  const { file } = await fetchNodeFor(THIS_SYSTEM);
  const { code } = await run(file, ['--experimental-sea-config', config], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (code !== 0) throw new Error(`Node could not put the bundle into a blob (exit ${code}).`);
  const blob = await readFile(output);
  await Promise.all([rm(config), rm(output)]);
  return blob;
}

/** What `src/main/host/resources.ts` looks for around it; in the application it is there already. */
async function putAround(folder) {
  const copy = async (from, to, filter) => {
    await rm(join(folder, to), { recursive: true, force: true });
    await cp(join(root, from), join(folder, to), { recursive: true, filter });
  };
  const runs = (path) => statSync(path).isDirectory() || /\.(cjs|json|node|js)$/.test(path);
  await Promise.all([
    copy('resources/engines', 'engines'),
    copy('resources/advice.json', 'advice.json'),
    copy('dist/renderer', 'renderer'),
    ...['koffi', '@koromix'].map((name) =>
      copy(`node_modules/${name}`, `node_modules/${name}`, runs),
    ),
  ]);
}

async function main() {
  await ensureInstalled();
  await continueUnderNode24(import.meta.url);
  await ensureBuilt();
  console.log(await ensureExecutable());
}

if (process.argv[1] === import.meta.filename) main().catch(fail);
