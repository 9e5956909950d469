// `npm run lock-engines [-- --sizes] [ENGINE ...]`: makes resources/engines/ENGINE/PLATFORM.txt anew from in.txt (and
// overrides-linux.txt): every package of the engine's environment with its exact version and hashes; and beside it
// PLATFORM.sizes.txt: what each weighs. To take a newer engine, change its version in in.txt and run this; what the
// index has newer of the rest comes with it. With --sizes the lists stay as they are and are only weighed.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fail, root, run } from './node24.mjs';
import { measurePackages } from './package-sizes.mjs';

const execute = promisify(execFile);
const FOLDER = join(root, 'resources', 'engines');

/** What uv calls each; the glibc is that of MLX's own wheels. */
const PLATFORMS = {
  'macos-arm64': 'aarch64-apple-darwin',
  'linux-x64': 'x86_64-manylinux_2_35',
  'linux-arm64': 'aarch64-manylinux_2_35',
};

/** One list serves these: made for the older, which names all that the newer needs (checked). */
const PYTHONS = ['3.11', '3.12'];

async function main(words) {
  const names = words.filter((word) => word !== '--sizes');
  const isWeighedOnly = names.length < words.length;
  const { uv, python, folder, dispose } = await fetchUv();
  try {
    const engines = (await readdir(FOLDER)).filter((name) => name !== 'uv').sort();
    const unknown = names.find((name) => !engines.includes(name));
    if (unknown !== undefined)
      throw new Error(`There is no engine ${unknown}; there are ${engines.join(', ')}.`);
    for (const engine of names.length > 0 ? names : engines) {
      for (const platform of Object.keys(PLATFORMS)) {
        if (!isWeighedOnly) await lock(uv, engine, platform);
        const list = join(FOLDER, engine, `${platform}.txt`);
        const version = PYTHONS.at(-1);
        const lines = await measurePackages({ python, list, platform, version, folder });
        await writeSizes(join(FOLDER, engine, `${platform}.sizes.txt`), version, lines);
        console.log(`${engine} ${platform}: ${lines?.length ?? 'not all'} packages weighed`);
      }
    }
    if (isWeighedOnly) return;
    await writeFile(join(FOLDER, 'uv', 'all.txt'), `${HEADER}\n${await compile(uv, 'uv')}`);
  } finally {
    await dispose();
  }
}

/** What was weighed for an older list must not stay beside a newer one. */
async function writeSizes(file, version, lines) {
  if (lines === undefined) return rm(file, { force: true });
  const text = `${HEADER}\n${SIZES.replace('VERSION', version)}\n${lines.join('')}`;
  return writeFile(file, text);
}

async function lock(uv, engine, platform) {
  const [text, newer] = await Promise.all(
    PYTHONS.map((python) => compile(uv, engine, platform, python)),
  );
  const missing = [...packages(newer)].filter((one) => !packages(text).has(one));
  if (missing.length > 0)
    throw new Error(
      `${engine} on ${platform} needs more for Python ${PYTHONS[1]} than for ${PYTHONS[0]}: ${missing.join(', ')}`,
    );
  await writeFile(join(FOLDER, engine, `${platform}.txt`), `${HEADER}\n${text}`);
  console.log(`${engine} ${platform}: ${packages(text).size} packages`);
}

const HEADER = '# Made by scripts/lock-engines.mjs; do not edit.';
const SIZES =
  '# Package, bytes of its wheel for Python VERSION, bytes of the files in it: measured with the wheels themselves.';

const packages = (text) => new Set([...text.matchAll(/^([\w.-]+)==/gm)].map(([, name]) => name));

/** An old output would be taken as a preference, so there is none: the answer is printed. */
async function compile(uv, engine, platform, python = PYTHONS[0]) {
  const folder = join(FOLDER, engine);
  const overrides = join(folder, 'overrides-linux.txt');
  const args = ['pip', 'compile', join(folder, 'in.txt'), '--quiet', '--generate-hashes'];
  args.push('--no-header', '--no-annotate', '--no-config', '--python-version', python);
  if (platform !== undefined) args.push('--python-platform', PLATFORMS[platform]);
  // A Mac has what the overrides leave out; there they would lose the engine's own version limits.
  if (platform?.startsWith('linux') && existsSync(overrides)) args.push('--overrides', overrides);
  // Without it uv assumes macOS 13 and quietly takes an MLX of years ago.
  const env = { ...process.env, MACOSX_DEPLOYMENT_TARGET: '14.0', NO_COLOR: '1' };
  const { stdout } = await execute(uv, args, { env, maxBuffer: 50_000_000 });
  return stdout;
}

/** The uv that the program is tested with, in a folder that goes again. */
async function fetchUv() {
  const folder = await mkdtemp(join(tmpdir(), 'lock-engines-'));
  const dispose = () => rm(folder, { recursive: true, force: true });
  const wanted = (await readFile(join(FOLDER, 'uv', 'in.txt'), 'utf8')).trim();
  const python = join(folder, 'bin', 'python');
  const made = await run('python3', ['-m', 'venv', folder], { stdio: 'inherit' });
  const { code } =
    made.code === 0
      ? await run(python, ['-m', 'pip', 'install', '--quiet', wanted], { stdio: 'inherit' })
      : made;
  if (code === 0) return { uv: join(folder, 'bin', 'uv'), python, folder, dispose };
  await dispose();
  throw new Error(`${wanted} could not be fetched with python3 and pip (exit ${code}).`);
}

main(process.argv.slice(2)).catch(fail);
