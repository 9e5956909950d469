// Looks at the packaged application in release/: one line for each thing that must be true of it.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { lstat, readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { checkExecutable, isForAppleSilicon } from './check-executable.mjs';
import { fail, root } from './node24.mjs';
import { isForRunning } from './third-party-notices.mjs';

export const APP = join(root, 'release', 'mac-arm64', 'MLX Manager.app');

/** What we may add to Electron, in bytes. */
const LARGEST = 185e6;

/** Wanted fuses in the order of Electron's wire (docs/tutorial/fuses); undefined: left as Electron has it. */
const FUSES = [
  ['runAsNode', false],
  ['cookieEncryption', undefined],
  ['nodeOptions', false],
  ['nodeCliInspect', false],
  ['embeddedAsarIntegrityValidation', true],
  ['onlyLoadAppFromAsar', true],
  ['loadBrowserProcessSpecificV8Snapshot', undefined],
  ['grantFileProtocolExtraPrivileges', false],
];

/** What must never be in the archive. */
const UNWANTED = [
  [/\.map$/, 'source maps'],
  [/\.[mc]?tsx?$/, 'TypeScript'],
  [/(^|\/)(tests?|__tests__)\//, 'tests'],
  [/^\/(src|scripts|resources|release|\.ci|\.github)\//, 'sources'],
  [
    /^\/node_modules\/(electron|electron-builder|vite|vitest|playwright|typescript|react|react-dom)\//,
    'tools',
  ],
  [/^\/node_modules\/@koromix\/koffi-(?!darwin)/, 'libraries for other systems'],
];

const NEEDED = [
  '/package.json',
  '/dist/main/shell.js',
  '/dist/preload/preload.cjs',
  '/dist/renderer/index.html',
];

const RESOURCES = [
  ...[
    'bin/uv',
    'bin/mlx-manager',
    'advice.json',
    'LICENSE.txt',
    'THIRD-PARTY-NOTICES.txt',
    'icon.icns',
  ],
  'renderer/index.html',
  ...['engines/uv/all.txt', 'engines/mlx-lm/macos-arm64.txt'],
  ...['Idle', 'Running', 'Loading', 'Problem'].flatMap((name) => [
    `tray/tray${name}Template.png`,
    `tray/tray${name}Template@2x.png`,
  ]),
];

/** Not around an outline: npm installs koffi's library on a Mac alone, and only a .dmg or .zip can be updated. */
const MAC_RESOURCES = [
  'app-update.yml',
  'app.asar.unpacked/node_modules/@koromix/koffi-darwin-arm64/darwin_arm64/koffi.node',
];

/** The value of a top-level or nested key of an XML property list, as text; undefined when it is not there. */
export function plistValue(xml, key) {
  const at = xml.indexOf(`<key>${key}</key>`);
  if (at === -1) return undefined;
  const rest = xml.slice(at + key.length + 11).trimStart();
  if (rest.startsWith('<true/>')) return 'true';
  if (rest.startsWith('<false/>')) return 'false';
  return /^<(string|integer)>([^<]*)<\/\1>/.exec(rest)?.[2] ?? 'a list';
}

/** Each thing that must be true, with whether it is and what was seen. */
export async function examine({ app = APP } = {}) {
  const findings = [];
  const check = (name, isTrue, seen = '') =>
    findings.push({ name, isTrue: Boolean(isTrue), seen: String(seen) });
  const contents = join(app, 'Contents');
  const resources = join(contents, 'Resources');
  await checkPlist(check, await readFile(join(contents, 'Info.plist'), 'utf8'));
  const archive = join(resources, 'app.asar');
  const files = archiveFiles(archive);
  for (const name of NEEDED) check(`the archive has ${name}`, files.includes(name));
  await checkPackages(check, files);
  for (const [pattern, what] of UNWANTED) {
    const found = files.filter((name) => pattern.test(name));
    check(`the archive has no ${what}`, found.length === 0, found.slice(0, 3).join(', '));
  }
  if (await isAroundElectron(contents)) {
    for (const name of MAC_RESOURCES)
      check(`Resources has ${name}`, existsSync(join(resources, name)));
  }
  for (const name of RESOURCES) check(`Resources has ${name}`, existsSync(join(resources, name)));
  await checkUv(check, join(resources, 'bin', 'uv'));
  await checkExecutable(check, resources);
  await checkFuses(check, frameworkIn(contents));
  await checkSize(check, resources);
  return findings;
}

async function checkPlist(check, xml) {
  const is = (key, wanted) =>
    check(`Info.plist: ${key} is ${wanted}`, plistValue(xml, key) === wanted, plistValue(xml, key));
  is('CFBundleIdentifier', 'app.mlx-manager.MLXManager');
  is('CFBundleName', 'MLX Manager');
  is('LSMinimumSystemVersion', '14.0');
  is('LSUIElement', 'true');
  is('NSAllowsArbitraryLoads', 'false');
  is('NSAllowsLocalNetworking', 'true');
  check(
    'Info.plist: mlx-manager:// is ours',
    /<key>CFBundleURLSchemes<\/key>\s*<array>\s*<string>mlx-manager</.test(xml),
  );
  check('Info.plist: the archive is under integrity protection', /ElectronAsarIntegrity/.test(xml));
}

function archiveFiles(archive) {
  const asar = createRequire(import.meta.url)('@electron/asar');
  // It keeps the heads of archives that it has read, also of one that was replaced since.
  asar.uncacheAll();
  return asar.listPackage(archive, { isPack: false }).map((name) => name.replaceAll('\\', '/'));
}

/** electron-builder only warns of a package that it does not find, and the program would not start. */
async function checkPackages(check, files) {
  const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8'));
  const wanted = Object.entries(lock.packages)
    .filter(([path, entry]) => isForRunning(path, entry))
    .filter(([, { os }]) => os === undefined || os.includes('darwin'))
    .filter(([, { cpu }]) => cpu === undefined || cpu.includes('arm64'))
    .map(([path, { optional }]) => ({ path, optional }))
    .filter(({ path, optional }) => !optional || existsSync(join(root, path)))
    .map(({ path }) => path);
  const archived = new Set(files);
  const missing = wanted.filter((path) => !archived.has(`/${path}/package.json`));
  check(
    `the archive has the ${wanted.length} packages that it runs on`,
    wanted.length > 0 && missing.length === 0,
    missing.slice(0, 5).join(', '),
  );
}

async function checkUv(check, file) {
  const bytes = await readFile(file).catch(() => Buffer.alloc(0));
  check('uv is a program for Apple silicon', isForAppleSilicon(bytes));
  const facts = await readFile(join(root, 'resources', 'bin', 'uv-macos-arm64.json'), 'utf8').then(
    JSON.parse,
    () => ({}),
  );
  const hash = createHash('sha256').update(bytes).digest('hex');
  check(`uv is the one that was fetched (${facts.version})`, hash === facts.sha256);
  const mode = await lstat(file).then(
    (info) => info.mode & 0o111,
    () => 0,
  );
  check('uv may be run', mode !== 0);
}

function frameworkIn(contents) {
  const name = 'Electron Framework';
  return join(contents, 'Frameworks', `${name}.framework`, 'Versions', 'A', name);
}

/** Electron's own is above 100 MB, that of scripts/skeleton-electron.mjs a few bytes. */
async function isAroundElectron(contents) {
  return (await sizeOf(frameworkIn(contents))) > 1e6;
}

async function checkFuses(check, framework) {
  const bytes = await readFile(framework).catch(() => Buffer.alloc(0));
  const at = bytes.indexOf('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX');
  if (at === -1) {
    check('the fuses can be read', false);
    return;
  }
  const wire = bytes.toString('latin1', at + 34, at + 34 + (bytes[at + 33] ?? 0));
  for (const [index, [name, wanted]] of FUSES.entries()) {
    if (wanted !== undefined)
      check(`fuse ${name} is ${wanted ? 'on' : 'off'}`, wire[index] === (wanted ? '1' : '0'));
  }
}

async function checkSize(check, resources) {
  const parts = [
    'app.asar',
    'app.asar.unpacked',
    ...['bin/mlx-manager', 'bin/uv', 'renderer'],
    'engines',
    'tray',
    'THIRD-PARTY-NOTICES.txt',
    'icon.icns',
  ];
  const sizes = await Promise.all(parts.map((name) => sizeOf(join(resources, name))));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const seen = parts.map((name, index) => `${name} ${(sizes[index] / 1e6).toFixed(1)}`).join(', ');
  check(
    `what we add is below ${LARGEST / 1e6} MB`,
    total > 0 && total < LARGEST,
    `${(total / 1e6).toFixed(1)} MB: ${seen}`,
  );
}

async function sizeOf(path) {
  const info = await lstat(path).catch(() => undefined);
  if (info === undefined) return 0;
  if (!info.isDirectory()) return info.size;
  const names = await readdir(path);
  const sizes = await Promise.all(names.map((name) => sizeOf(join(path, name))));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Prints every finding; false when one is not as it must be. */
export async function checkPackage(options = {}) {
  const findings = await examine(options);
  for (const { name, isTrue, seen } of findings) {
    console.log(`${isTrue ? 'ok  ' : 'NOT '} ${name}${seen ? ` (${seen})` : ''}`);
  }
  const wrong = findings.filter(({ isTrue }) => !isTrue).length;
  console.log(
    wrong === 0
      ? `The package is as it must be: ${findings.length} checks.`
      : `${wrong} of ${findings.length} checks failed.`,
  );
  return wrong === 0;
}

if (process.argv[1] === import.meta.filename) {
  checkPackage().then((fine) => process.exit(fine ? 0 : 1), fail);
}
