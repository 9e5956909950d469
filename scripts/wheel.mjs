// Programs out of Python packages (wheels), of a version and with hashes that are pinned in a list of `resources`: pip
// knows this machine's package index, proxies and certificates.
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './node24.mjs';

/** The hashes that the list allows, in hexadecimal. */
export function hashesIn(list) {
  return [...list.matchAll(/--hash=sha256:([0-9a-f]{64})/g)].map((match) => match[1]);
}

/** `0.13.9` of the list's line `uv==0.13.9`. */
export function versionOf(name, list) {
  const version = new RegExp(`^${name}==([0-9.]+)`, 'm').exec(list)?.[1];
  if (version === undefined)
    throw new Error(`The list of pinned packages names no ${name}==VERSION.`);
  return version;
}

/**
 * Files of one package, as bytes in the order of `files`.
 *
 * @param wanted `list` is the text with version and hashes, `platform` one of pip's, `files` names in the package
 */
export async function filesOfWheel({ name, list, platform, files }) {
  const version = versionOf(name, list);
  const folder = await mkdtemp(join(tmpdir(), 'mlx-manager-wheel-'));
  try {
    const wheel = await fetchWheel(folder, `${name}==${version}`, platform);
    const hash = sha256(await readFile(wheel));
    if (!hashesIn(list).includes(hash)) {
      throw new Error(
        `The package ${name} ${version} for ${platform} has the SHA-256 ${hash}, which the list does not have.`,
      );
    }
    return await unpack(wheel, folder, files);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function fetchWheel(folder, spec, platform) {
  const { code } = await run('python3', [
    ...['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--no-deps'],
    ...['--only-binary', ':all:', '--platform', platform, '--dest', folder, spec],
  ]);
  if (code !== 0)
    throw new Error(`${spec} for ${platform} could not be fetched by pip (exit ${code}).`);
  const wheel = (await readdir(folder)).find((name) => name.endsWith('.whl'));
  if (wheel === undefined) throw new Error(`pip fetched no package of ${spec}.`);
  return join(folder, wheel);
}

/** Taken out by one program, since two would make the same folders at once. */
async function unpack(wheel, folder, files) {
  const script =
    'import sys,zipfile; zipfile.ZipFile(sys.argv[1]).extractall(sys.argv[2], sys.argv[3:])';
  const { code } = await run('python3', ['-c', script, wheel, folder, ...files]);
  if (code !== 0) throw new Error(`The package ${wheel} lacks one of ${files.join(', ')}.`);
  return Promise.all(files.map((name) => readFile(join(folder, name))));
}

export function sha256(bytes) {
  return createHash('sha256').update(bytes).digest('hex');
}
