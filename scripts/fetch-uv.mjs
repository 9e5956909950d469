// Fetches uv for macOS on Apple silicon into resources/bin, as the package carries it: the version and the hashes of
// resources/engines/uv, from the package index that pip is configured with.
import { createHash } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashOfSections } from './mach-o.mjs';
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

/** What is known of the one that was fetched: version, hashes, licences. @throws Error where none was. */
export async function uvFacts() {
  return JSON.parse(await readFile(`${UV_FILE}.json`, 'utf8'));
}

/** Fetches it where it is missing or of another version. */
export async function fetchUv() {
  const list = await readFile(LIST, 'utf8');
  const version = versionIn(list);
  const known = await uvFacts().catch(() => undefined);
  const present = await readFile(UV_FILE).catch(() => undefined);
  const isKept = known?.version === version && known.licences && known.sectionsSha256;
  if (isKept && present && sha256(present) === known.sha256) return known;
  const folder = await mkdtemp(join(tmpdir(), 'mlx-manager-uv-'));
  try {
    const wheel = await fetchWheel(folder, version);
    await requireKnown(wheel, hashesIn(list), version);
    const [program, ...licences] = await partsOf(wheel, folder, [
      `uv-${version}.data/scripts/uv`,
      ...['MIT', 'APACHE'].map((name) => `uv-${version}.dist-info/licenses/LICENSE-${name}`),
    ]);
    await writeFile(UV_FILE, program);
    await chmod(UV_FILE, 0o755);
    const facts = {
      version,
      sha256: sha256(program),
      sectionsSha256: hashOfSections(program),
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

/** Files of a wheel; taken out by one program, since two would make the same folders at once. */
async function partsOf(wheel, folder, names) {
  const unpack =
    'import sys,zipfile; zipfile.ZipFile(sys.argv[1]).extractall(sys.argv[2], sys.argv[3:])';
  const { code } = await run('python3', ['-c', unpack, wheel, folder, ...names]);
  if (code !== 0) throw new Error(`The wheel of uv lacks one of ${names.join(', ')}.`);
  return Promise.all(names.map((name) => readFile(join(folder, name))));
}

function sha256(bytes) {
  return createHash('sha256').update(bytes).digest('hex');
}

if (process.argv[1] === import.meta.filename) {
  fetchUv().then((facts) => console.log(`uv ${facts.version}, ${facts.bytes} bytes`), fail);
}
