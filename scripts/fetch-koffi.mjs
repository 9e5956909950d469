// Fetches koffi's library for Apple silicon into node_modules, where npm installs it on such a Mac by itself: so that
// the package that is checked on another system holds what the one that is shipped does.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fail, root, run } from './node24.mjs';

const NAME = '@koromix/koffi-darwin-arm64';
const FOLDER = join(root, 'node_modules', NAME);

/** In the version and with the hash that package-lock.json names. */
export async function fetchKoffi() {
  const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8'));
  const { version, integrity } = lock.packages[`node_modules/${NAME}`];
  if ((await versionIn(FOLDER)) === version) return;
  await mkdir(join(root, 'node_modules', '.cache'), { recursive: true });
  const folder = await mkdtemp(join(root, 'node_modules', '.cache', 'koffi-'));
  try {
    const archive = await packed(folder, `${NAME}@${version}`);
    const hash = createHash('sha512')
      .update(await readFile(archive))
      .digest('base64');
    if (`sha512-${hash}` !== integrity)
      throw new Error(`${NAME} ${version} has not the hash of package-lock.json.`);
    const { code } = await run('tar', ['-xzf', archive, '-C', folder]);
    if (code !== 0) throw new Error(`${archive} cannot be unpacked.`);
    await rm(FOLDER, { recursive: true, force: true });
    await mkdir(join(FOLDER, '..'), { recursive: true });
    await rename(join(folder, 'package'), FOLDER);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function versionIn(folder) {
  const file = join(folder, 'package.json');
  return existsSync(file) ? JSON.parse(await readFile(file, 'utf8')).version : undefined;
}

/** npm knows this machine's registry, proxies and certificates. */
async function packed(folder, what) {
  const args = ['pack', what, '--silent', '--pack-destination', folder];
  const { code } = await run('npm', args, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  if (code !== 0) throw new Error(`npm could not fetch ${what} (exit ${code}).`);
  const name = (await readdir(folder)).find((file) => file.endsWith('.tgz'));
  if (name === undefined) throw new Error(`npm fetched no archive of ${what}.`);
  return join(folder, name);
}

if (process.argv[1] === import.meta.filename) fetchKoffi().catch(fail);
