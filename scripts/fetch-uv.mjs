// Fetches uv for macOS on Apple silicon into resources/bin, as the package carries it: the version and the hashes of
// resources/engines/uv, from the package index that pip is configured with.
import { createHash } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fail, root, run } from './node24.mjs';

const LIST = join(root, 'resources', 'engines', 'uv', 'all.txt');
const PLATFORM = 'macosx_11_0_arm64';
export const UV_FILE = join(root, 'resources', 'bin', 'uv-macos-arm64');

/** The hashes that the list allows, in hexadecimal. */
export function hashesIn(list) {
  return [...list.matchAll(/--hash=sha256:([0-9a-f]{64})/g)].map((match) => match[1]);
}

/** `uv==0.13.9` of the list. */
export function versionIn(list) {
  const version = /^uv==([0-9.]+)/m.exec(list)?.[1];
  if (version === undefined)
    throw new Error('resources/engines/uv/all.txt names no version of uv.');
  return version;
}

/** Fetches it where it is missing or of another version. */
export async function fetchUv() {
  const list = await readFile(LIST, 'utf8');
  const version = versionIn(list);
  const known = await readFile(`${UV_FILE}.json`, 'utf8').then(JSON.parse, () => undefined);
  const present = await readFile(UV_FILE).catch(() => undefined);
  if (known?.version === version && known.licences && present && sha256(present) === known.sha256)
    return known;
  const folder = await mkdtemp(join(tmpdir(), 'mlx-manager-uv-'));
  try {
    const wheel = await fetchWheel(folder, version);
    await requireKnown(wheel, hashesIn(list), version);
    const program = await partOf(wheel, `uv-${version}.data/scripts/uv`, folder);
    const licences = await Promise.all(
      ['MIT', 'APACHE'].map((name) =>
        partOf(wheel, `uv-${version}.dist-info/licenses/LICENSE-${name}`, folder),
      ),
    );
    await writeFile(UV_FILE, program);
    await chmod(UV_FILE, 0o755);
    const facts = {
      version,
      sha256: sha256(program),
      bytes: program.length,
      // Who gives on the program must give on the texts (scripts/third-party-notices.mjs).
      licences: licences.map((text) => text.toString('utf8').trim()).join('\n\n'),
    };
    await writeFile(`${UV_FILE}.json`, `${JSON.stringify(facts)}\n`);
    return facts;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** pip knows this machine's index, proxies and certificates. */
async function fetchWheel(folder, version) {
  const { code } = await run('python3', [
    ...['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--no-deps'],
    ...['--only-binary', ':all:', '--platform', PLATFORM, '--dest', folder, `uv==${version}`],
  ]);
  if (code !== 0)
    throw new Error(`uv ${version} for macOS could not be fetched by pip (exit ${code}).`);
  const wheel = (await readdir(folder)).find((name) => name.endsWith('.whl'));
  if (wheel === undefined) throw new Error('pip fetched no wheel of uv.');
  return join(folder, wheel);
}

/** Refuses a wheel that is not one of the list's. */
async function requireKnown(wheel, allowed, version) {
  const hash = sha256(await readFile(wheel));
  if (!allowed.includes(hash)) {
    throw new Error(
      `The wheel of uv ${version} has the SHA-256 ${hash}, which the list does not have.`,
    );
  }
}

/** One file of a wheel. */
async function partOf(wheel, inside, folder) {
  const unpack =
    'import sys,zipfile; zipfile.ZipFile(sys.argv[1]).extract(sys.argv[2], sys.argv[3])';
  const { code } = await run('python3', ['-c', unpack, wheel, inside, folder]);
  if (code !== 0) throw new Error(`The wheel of uv has no ${inside}.`);
  return readFile(join(folder, inside));
}

function sha256(bytes) {
  return createHash('sha256').update(bytes).digest('hex');
}

if (process.argv[1] === import.meta.filename) {
  fetchUv().then((facts) => console.log(`uv ${facts.version}, ${facts.bytes} bytes`), fail);
}
