// Looks at the command of the package: Node's binary for Apple silicon with our bundle in it.
import { existsSync } from 'node:fs';
import { lstat, readFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { dirname, join } from 'node:path';
import { FUSE, SEGMENT, THREADS } from './executable.mjs';
import { fetchNodeFor } from './fetch-node.mjs';
import { isArm64 } from './mach-o.mjs';
import { root } from './node24.mjs';

/** What the bundle may add to Node's own binary, in bytes. */
const LARGEST_BUNDLE = 10e6;
/** As electron-builder.yml has it. */
const OLDEST_SYSTEM = 14;
/** The first four bytes of what Node takes for a bundle (src/node_sea.cc). */
const BLOB_MAGIC = 0x143da20;

/** The load commands of a Mach-O (mach-o/loader.h), each with its number and its bytes. */
function loadCommands(bytes) {
  if (!isArm64(bytes)) return [];
  const found = [];
  for (let at = 32; found.length < bytes.readUInt32LE(16); at += bytes.readUInt32LE(at + 4)) {
    const size = bytes.readUInt32LE(at + 4);
    found.push({ number: bytes.readUInt32LE(at), bytes: bytes.subarray(at, at + size) });
  }
  return found;
}

const LC_SEGMENT_64 = 0x19;
const LC_BUILD_VERSION = 0x32;
/** LC_LOAD_DYLIB, and with it the weak and the exported ones. */
const LC_DYLIBS = [0xc, 0x80000018, 0x8000001f];

/** The bytes of the first section of a segment; undefined when it has none. */
function sectionOf(program, segment) {
  for (const { number, bytes } of loadCommands(program)) {
    if (number !== LC_SEGMENT_64 || textAt(bytes, 8, 24) !== segment) continue;
    if (bytes.readUInt32LE(64) === 0) continue;
    const [size, offset] = [Number(bytes.readBigUInt64LE(72 + 40)), bytes.readUInt32LE(72 + 48)];
    return program.subarray(offset, offset + size);
  }
  return undefined;
}

/** The libraries that it is linked with. */
function librariesOf(program) {
  return loadCommands(program)
    .filter(({ number }) => LC_DYLIBS.includes(number))
    .map(({ bytes }) => textAt(bytes, bytes.readUInt32LE(8)));
}

/** The oldest macOS that runs it, `13.5`; undefined when it does not say. */
function oldestSystemOf(program) {
  const version = loadCommands(program).find(({ number }) => number === LC_BUILD_VERSION);
  return version && version.bytes.readUInt16LE(14) + version.bytes.readUInt8(13) / 10;
}

function textAt(bytes, from, to = bytes.length) {
  return bytes.toString('latin1', from, to).replace(/\0.*$/s, '');
}

/** Everything that must be true of it; `check` takes a name, whether it is so, and what was seen. */
export async function checkExecutable(check, resources) {
  const file = join(resources, 'bin', 'mlx-manager');
  const bytes = await readFile(file).catch(() => Buffer.alloc(0));
  const mode = await lstat(file).then(
    (info) => info.mode & 0o111,
    () => 0,
  );
  check('the command may be run', mode !== 0);
  check('the command is a program for Apple silicon', isArm64(bytes));
  const libraries = librariesOf(bytes);
  const foreign = libraries.filter((name) => !/^\/(System\/Library|usr\/lib)\//.test(name));
  check(
    'the command needs libraries of the system alone',
    libraries.length > 0 && foreign.length === 0,
    foreign.join(', '),
  );
  const oldest = oldestSystemOf(bytes);
  check(`the command runs on macOS ${OLDEST_SYSTEM}`, oldest <= OLDEST_SYSTEM, oldest);
  check('the command runs what it holds, not what it is given', bytes.includes(`${FUSE}:1`));
  const blob = sectionOf(bytes, SEGMENT) ?? Buffer.alloc(4);
  check('the command holds a program', blob.readUInt32LE(0) === BLOB_MAGIC);
  const bundle = await readFile(join(root, 'dist', 'executable', 'mlx-manager.cjs'));
  const threads = await Promise.all(
    THREADS.map((name) => readFile(join(root, 'dist', 'executable', name))),
  );
  const parts = [bundle, ...threads];
  check(
    'the command holds this build',
    parts.every((part) => blob.includes(part)),
  );
  const names = [...bundle.toString().matchAll(/\brequire\(["']([^"']+)["']\)/g)];
  const outside = names.map(([, name]) => name).filter((name) => !isBuiltin(name));
  check('the command needs no package beside it', outside.length === 0, outside.join(', '));
  const node = await fetchNodeFor('darwin-arm64');
  const added = bytes.length - node.bytes;
  check(
    `the command is at most ${LARGEST_BUNDLE / 1e6} MB larger than Node ${node.version}`,
    added > 0 && added <= LARGEST_BUNDLE,
    `${(added / 1e6).toFixed(1)} MB`,
  );
  const koffi = join(resources, 'app.asar.unpacked', 'node_modules', 'koffi');
  // The first is for the command, the second for the window.
  const missing = [
    ...(await missingFiles(join(koffi, 'index.cjs'))),
    ...(await missingFiles(join(koffi, 'index.js'))),
  ];
  check('koffi lies whole beside the archive', missing.length === 0, missing.join(', '));
}

/** Files beside it that a file asks for, in either form of modules, and those that they ask for, and that are not there. */
async function missingFiles(file) {
  if (!existsSync(file)) return [file];
  const text = await readFile(file, 'utf8');
  const names = [...text.matchAll(/\b(?:require\(|from )["'](\.[^"']+)["']/g)];
  const found = await Promise.all(names.map(([, name]) => missingFiles(join(dirname(file), name))));
  return found.flat();
}
