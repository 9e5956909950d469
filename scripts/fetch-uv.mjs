// Fetches uv for macOS on Apple silicon into resources/bin, as the package carries it: the version and the hashes of
// resources/engines/uv, from the package index that pip is configured with.
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hashOfSections } from './mach-o.mjs';
import { fail, root } from './node24.mjs';
import { filesOfWheel, sha256, versionOf } from './wheel.mjs';

const LIST = join(root, 'resources', 'engines', 'uv', 'all.txt');
const PLATFORM = 'macosx_11_0_arm64';
export const UV_FILE = join(root, 'resources', 'bin', 'uv-macos-arm64');

/** What is known of the one that was fetched: version, hashes, licences. @throws Error where none was. */
export async function uvFacts() {
  return JSON.parse(await readFile(`${UV_FILE}.json`, 'utf8'));
}

/** Fetches it where it is missing or of another version. */
export async function fetchUv() {
  const list = await readFile(LIST, 'utf8');
  const version = versionOf('uv', list);
  const known = await uvFacts().catch(() => undefined);
  const present = await readFile(UV_FILE).catch(() => undefined);
  const isKept = known?.version === version && known.licences && known.sectionsSha256;
  if (isKept && present && sha256(present) === known.sha256) return known;
  const [program, ...licences] = await filesOfWheel({
    ...{ name: 'uv', list, platform: PLATFORM },
    files: [
      `uv-${version}.data/scripts/uv`,
      ...['MIT', 'APACHE'].map((name) => `uv-${version}.dist-info/licenses/LICENSE-${name}`),
    ],
  });
  // Nothing else is in it.
  await mkdir(dirname(UV_FILE), { recursive: true });
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
}

if (process.argv[1] === import.meta.filename) {
  fetchUv().then((facts) => console.log(`uv ${facts.version}, ${facts.bytes} bytes`), fail);
}
