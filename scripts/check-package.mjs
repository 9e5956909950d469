// Looks at the packaged application in release/: one line for each thing that must be true of it.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, lstat, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire, isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkExecutable } from './check-executable.mjs';
import { uvFacts } from './fetch-uv.mjs';
import { hashOfSections, isArm64 } from './mach-o.mjs';
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

/** Where koffi's loader looks, which Electron leads out of the archive: a library cannot be loaded from within. */
const KOFFI = 'app.asar.unpacked/node_modules/@koromix/koffi-darwin-arm64/darwin_arm64/koffi.node';

const RESOURCES = [
  ...[
    'bin/uv',
    'bin/mlx-manager',
    'advice.json',
    'LICENSE.txt',
    'THIRD-PARTY-NOTICES.txt',
    'icon.icns',
  ],
  KOFFI,
  'renderer/index.html',
  ...['engines/uv/all.txt', 'engines/mlx-lm/macos-arm64.txt'],
  ...['Idle', 'Running', 'Loading', 'Problem'].flatMap((name) => [
    `tray/tray${name}Template.png`,
    `tray/tray${name}Template@2x.png`,
  ]),
];

/** Not around an outline: only a .dmg or .zip can be updated. */
const MAC_RESOURCES = ['app-update.yml'];

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
  await checkImports(check, archive);
  await checkKoffi(check, join(resources, KOFFI));
  await checkUv(check, join(resources, 'bin', 'uv'));
  await checkExecutable(check, resources);
  await checkFuses(check, frameworkIn(contents));
  if (await isAroundElectron(contents)) checkSignature(check, app);
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
  is('LSAppNapIsDisabled', 'true');
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

/**
 * Loads each package that the programs import, out of the archive: that a package is there says nothing of its
 * files. On another system than a Mac koffi gets the library of that system, in the place of its own.
 */
async function checkImports(check, archive) {
  const folder = await mkdtemp(join(tmpdir(), 'mlx-manager-archive-'));
  try {
    createRequire(import.meta.url)('@electron/asar').extractAll(archive, folder);
    const names = await importedBy(join(folder, 'dist', 'main'));
    const here = `@koromix/koffi-${process.platform}-${process.arch}`;
    const library = join(root, 'node_modules', here);
    if (existsSync(library))
      await cp(library, join(folder, 'node_modules', here), { recursive: true });
    // Electron gives itself; a package takes what it needs of it when it is used.
    const electron = join(folder, 'node_modules', 'electron');
    await mkdir(electron);
    await writeFile(join(electron, 'index.js'), 'module.exports = {};');
    const failed = importAll(folder, names);
    check(
      `the archive gives the ${names.length} packages that are imported`,
      names.length > 5 && failed.length === 0,
      failed.join(', '),
    );
  } catch (error) {
    // A file that lies beside the archive and is not there, to begin with.
    check('the archive gives the packages that are imported', false, error.message);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The packages that the bundles in a folder import, Electron and Node's own left out. */
async function importedBy(folder) {
  const names = new Set();
  for (const file of await readdir(folder, { recursive: true })) {
    if (!/\.[cm]?js$/.test(file)) continue;
    const text = await readFile(join(folder, file), 'utf8');
    for (const [, name] of text.matchAll(
      /(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\(\s*)["']((?:@[\w.-]+\/)?[\w-][\w./-]*)["']/g,
    )) {
      if (name !== 'electron' && !isBuiltin(name)) names.add(name);
    }
  }
  return [...names].sort();
}

/** Which of them cannot be imported there, each with the reason. */
function importAll(folder, names) {
  const program = `const failed = [];
for (const name of ${JSON.stringify(names)})
  await import(name).catch((error) => failed.push(name + ': ' + error.message.split('\\n')[0]));
console.log(JSON.stringify(failed));`;
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module', '--eval', program],
    { cwd: folder, encoding: 'utf8' },
  );
  try {
    return JSON.parse(stdout);
  } catch {
    return [stderr.trim().split('\n').at(-1) ?? 'no answer'];
  }
}

async function checkKoffi(check, file) {
  const bytes = await readFile(file).catch(() => Buffer.alloc(0));
  check("koffi's library is for Apple silicon", isArm64(bytes));
}

/** By its code: a signature changes the file around it. Its bytes were compared before it was packed (after-pack.mjs). */
async function checkUv(check, file) {
  const bytes = await readFile(file).catch(() => Buffer.alloc(0));
  check('uv is a program for Apple silicon', isArm64(bytes));
  const facts = await uvFacts();
  check(`uv has the code of the one that was fetched (${facts.version})`, isCodeOf(bytes, facts));
  const mode = await lstat(file).then(
    (info) => info.mode & 0o111,
    () => 0,
  );
  check('uv may be run', mode !== 0);
  if (process.platform !== 'darwin') return;
  const { stdout } = spawnSync(file, ['--version'], { encoding: 'utf8' });
  check('uv runs', stdout?.startsWith(`uv ${facts.version}`), stdout?.trim());
}

function isCodeOf(bytes, { sectionsSha256 }) {
  try {
    return hashOfSections(bytes) === sectionsSha256;
  } catch {
    return false;
  }
}

/** On a Mac, where codesign(1) is: every program and library in the package carries a whole signature. */
function checkSignature(check, app) {
  if (process.platform !== 'darwin') return;
  const { status, stderr } = spawnSync('codesign', ['--verify', '--deep', '--strict', app], {
    encoding: 'utf8',
  });
  check('the signature is whole', status === 0, stderr?.trim());
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
