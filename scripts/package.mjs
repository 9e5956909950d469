// `npm run package`: the macOS application of this checkout, into release/.
//   on a Mac              a .dmg and a .zip, signed where a signing identity is found, otherwise for this Mac alone
//   --release             refuses to make what is not signed and notarised
//   --skeleton            on any system: the .app around an outline of Electron, to check all that we put into it
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkPackage } from './check-package.mjs';
import { ensureBuilt, ensureInstalled, step } from './ensure.mjs';
import { fetchKoffi } from './fetch-koffi.mjs';
import { ensureExecutable } from './executable.mjs';
import { fetchUv } from './fetch-uv.mjs';
import { continueUnderNode24, fail, root, run } from './node24.mjs';
import { makeSkeleton } from './skeleton-electron.mjs';
import { writeNotices } from './third-party-notices.mjs';

const BUILDER = join(root, 'node_modules', 'electron-builder', 'out', 'cli', 'cli.js');

async function main(args) {
  const unknown = args.find((arg) => !['--skeleton', '--release'].includes(arg));
  if (unknown !== undefined)
    throw new Error(`npm run package knows --skeleton and --release, not ${unknown}.`);
  const skeleton = args.includes('--skeleton');
  const kind = skeleton ? 'skeleton' : kindOfBuild(args.includes('--release'));
  await ensureInstalled();
  await continueUnderNode24(import.meta.url);
  await ensureBuilt();
  const fetched = step('Fetching uv for macOS');
  await fetchUv();
  fetched();
  if (process.platform !== 'darwin') await fetchKoffi();
  await ensureExecutable('darwin-arm64');
  await writeNotices();
  await rm(join(root, 'release', 'mac-arm64'), { recursive: true, force: true });
  if (kind === 'skeleton') await packAroundSkeleton();
  else await pack(kind);
  process.exitCode = (await checkPackage()) ? 0 : 1;
}

/** What can be made here. Throws where nothing can. */
function kindOfBuild(isRelease) {
  if (process.platform !== 'darwin') {
    throw new Error(
      'The application can only be put together on a Mac with Apple silicon: its tools for signing and disk images are there alone. `npm run package -- --skeleton` checks here what would be in it.',
    );
  }
  const signed = process.env.CSC_LINK || process.env.CSC_NAME || hasIdentity();
  const notarised =
    process.env.APPLE_API_KEY || process.env.APPLE_ID || process.env.APPLE_KEYCHAIN_PROFILE;
  if (signed && notarised) return 'release';
  const missing = [
    signed ? '' : 'a Developer ID certificate (CSC_LINK, or one in the keychain)',
    notarised
      ? ''
      : 'the means to notarise (APPLE_API_KEY with APPLE_API_KEY_ID and APPLE_API_ISSUER)',
  ].filter(Boolean);
  if (isRelease) throw new Error(`A release needs ${missing.join(' and ')}.`);
  console.error(`Not a release: ${missing.join(' and ')} is missing. It runs on this Mac alone.`);
  return 'local';
}

function hasIdentity() {
  const found = spawnSync('security', ['find-identity', '-v', '-p', 'codesigning'], {
    encoding: 'utf8',
  });
  return /Developer ID Application/.test(found.stdout ?? '');
}

function pack(kind) {
  // An ad-hoc signature has no team, so libraries of the same bundle would be refused.
  const local = ['-c.mac.identity=-', '-c.mac.notarize=false', '-c.mac.hardenedRuntime=false'];
  const fuses = ['-c.electronFuses.resetAdHocDarwinSignature=true'];
  return build([
    '--mac',
    '--arm64',
    ...(kind === 'local' ? [...local, ...fuses] : ['-c.forceCodeSigning=true']),
  ]);
}

async function packAroundSkeleton() {
  const folder = await mkdtemp(join(tmpdir(), 'mlx-manager-electron-'));
  try {
    await makeSkeleton(folder);
    const unsigned = ['-c.mac.identity=null', '-c.mac.notarize=false'];
    await build(['--mac', 'dir', '--arm64', `-c.electronDist=${folder}`, ...unsigned]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function build(args) {
  const done = step('Packaging with electron-builder');
  const { code } = await run(process.execPath, [BUILDER, ...args, '--publish', 'never'], {
    cwd: root,
  });
  if (code !== 0) throw new Error(`electron-builder failed (exit ${code}).`);
  done();
}

main(process.argv.slice(2)).catch(fail);
