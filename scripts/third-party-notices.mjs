// Writes release/THIRD-PARTY-NOTICES.txt: every package whose code is in the application, with its licence and the
// text of it. A licence that was not looked at stops the packaging.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pinnedNode } from './fetch-node.mjs';
import { fetchUv } from './fetch-uv.mjs';
import { fail, root } from './node24.mjs';

/** Licences under which code may be given on with the application. */
const ALLOWED = new Set([
  ...['MIT', 'MIT-0', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', '0BSD', 'Unlicense'],
  ...['BlueOak-1.0.0', 'Python-2.0', 'CC0-1.0', 'CC-BY-4.0', 'Zlib', 'WTFPL'],
]);

/** Packages for developers whose code Vite puts into the screens. */
const BUNDLED = [
  ...['react', 'react-dom', 'zustand', '@tanstack/react-query', '@tanstack/react-virtual'],
  ...['radix-ui', 'lucide-react', 'cmdk'],
];

/** Whether a place in the lock file is installed for running. `devOptional` (a tool wants it, and a package of ours may) is. */
export function isForRunning(path, entry) {
  return path !== '' && !entry.dev && !entry.peer;
}

/** Every package in the application by its place in node_modules: what is installed for running, and what is bundled. */
export function packagesIn(lock, bundled = BUNDLED) {
  const found = new Set(
    Object.entries(lock.packages)
      .filter(([path, entry]) => isForRunning(path, entry))
      .map(([path]) => path),
  );
  const queue = bundled.map((name) => `node_modules/${name}`);
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    const entry = lock.packages[path];
    if (entry === undefined || found.has(path)) continue;
    found.add(path);
    for (const name of Object.keys(entry.dependencies ?? {})) queue.push(placeOf(lock, path, name));
  }
  return [...found].sort();
}

/** Where Node would find `name` from `path`: the nearest node_modules upwards. */
function placeOf(lock, path, name) {
  for (let from = path; ; from = from.slice(0, from.lastIndexOf('/node_modules/'))) {
    const nested = `${from}/node_modules/${name}`;
    if (lock.packages[nested]) return nested;
    if (!from.includes('/node_modules/')) return `node_modules/${name}`;
  }
}

/** Whether an SPDX expression can be met by allowed licences. */
export function isAllowed(licence) {
  if (typeof licence !== 'string') return false;
  // From the inside out, so that brackets beside each other are not taken for one pair around all.
  const inner = /\(([^()]*)\)/;
  let flat = licence;
  while (inner.test(flat)) flat = flat.replace(inner, (_, part) => (isMet(part) ? 'MIT' : 'NONE'));
  return isMet(flat);
}

/** The same without brackets; AND binds closer than OR. */
function isMet(licence) {
  return licence
    .split(' OR ')
    .some((way) => way.split(' AND ').every((name) => ALLOWED.has(name.trim())));
}

async function textOf(path) {
  const names = await readdir(path).catch(() => []);
  const files = names.filter((name) => /^(licen[cs]e|copying|notice)/i.test(name)).sort();
  const texts = await Promise.all(
    files.map((name) => readFile(join(path, name), 'utf8').catch(() => '')),
  );
  return texts
    .map((text) => text.trim())
    .filter(Boolean)
    .join('\n\n');
}

export async function writeNotices() {
  const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8'));
  const parts = [];
  for (const path of packagesIn(lock)) {
    const manifest = await readFile(join(root, path, 'package.json'), 'utf8').then(
      JSON.parse,
      () => undefined,
    );
    // A binary for another system is not installed here, nor put into the package.
    if (manifest === undefined) continue;
    const licence = manifest.license ?? lock.packages[path].license;
    if (!isAllowed(licence)) {
      throw new Error(
        `${manifest.name} ${manifest.version} has the licence ${licence}, which nobody has allowed.`,
      );
    }
    const text =
      (await textOf(join(root, path))) || `The package has no text of its licence (${licence}).`;
    parts.push(`${manifest.name} ${manifest.version}\nLicence: ${licence}\n\n${text}`);
  }
  const { version, licences } = await fetchUv();
  const uv = `uv ${version}\nLicence: MIT OR Apache-2.0\n\n${licences}`;
  const licence = await readFile(join(root, 'resources', 'node', 'LICENSE.txt'), 'utf8');
  const node = `Node.js ${await pinnedNode()}, in the command mlx-manager\nLicence: MIT, and those of what it contains\n\n${licence.trim()}`;
  const head =
    'MLX Manager contains the following software of others. Electron and Chromium bring their own lists.';
  const line = `\n\n${'-'.repeat(80)}\n\n`;
  await mkdir(join(root, 'release'), { recursive: true });
  await writeFile(
    join(root, 'release', 'THIRD-PARTY-NOTICES.txt'),
    `${[head, ...parts, uv, node].join(line)}\n`,
  );
  return parts.length;
}

if (process.argv[1] === import.meta.filename) {
  writeNotices().then((count) => console.log(`${count} packages`), fail);
}
