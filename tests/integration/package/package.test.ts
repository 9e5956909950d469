import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
// @ts-expect-error: a plain script without types
import { withoutWhatIsNotNeeded } from '../../../scripts/after-pack.mjs';
// @ts-expect-error: a plain script without types
import { examine } from '../../../scripts/check-package.mjs';
// @ts-expect-error: a plain script without types
import { FUSE } from '../../../scripts/executable.mjs';
// @ts-expect-error: a plain script without types
import { fetchNodeFor } from '../../../scripts/fetch-node.mjs';

const run = promisify(execFile);

/** Set by `npm test` where the Python package index does not answer: uv comes from it. */
const NO_INDEX = process.env.MLX_MANAGER_NO_INDEX;

/** Load commands of mach-o/loader.h. */
const LC_SEGMENT_64 = 0x19;
const LC_CODE_SIGNATURE = 0x1d;
const ZERO = Buffer.from('0');

interface Finding {
  readonly name: string;
  readonly isTrue: boolean;
}

const failures = async (app: string): Promise<string[]> =>
  ((await examine({ app })) as Finding[]).filter(({ isTrue }) => !isTrue).map(({ name }) => name);

/** A Mach-O file as codesign(1) leaves it: another signature behind it, and load commands that say so. */
function resigned(bytes: Buffer): Buffer {
  const signed = Buffer.concat([bytes, Buffer.alloc(20_000, 7)]);
  let at = 32;
  for (let left = signed.readUInt32LE(16); left > 0; left--) {
    const [command, size] = [signed.readUInt32LE(at), signed.readUInt32LE(at + 4)];
    const isLinkedit =
      command === LC_SEGMENT_64 && signed.toString('latin1', at + 8, at + 18) === '__LINKEDIT';
    if (isLinkedit) signed.writeBigUInt64LE(signed.readBigUInt64LE(at + 48) + 20_000n, at + 48);
    if (command === LC_CODE_SIGNATURE) {
      signed.fill(9, signed.readUInt32LE(at + 8));
      signed.writeUInt32LE(signed.readUInt32LE(at + 12) + 20_000, at + 12);
    }
    at += size;
  }
  return signed;
}

let folder: string;
let app: string;

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'mlx-package-')));
  if (NO_INDEX) return;
  await run(process.execPath, ['scripts/package.mjs', '--skeleton'], { maxBuffer: 1e8 });
  app = join(folder, 'MLX Manager.app');
  await cp(resolve('release/mac-arm64/MLX Manager.app'), app, {
    recursive: true,
    verbatimSymlinks: true,
  });
}, 120_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

describe.skipIf(NO_INDEX)('the package', () => {
  it('is as it must be', async () => {
    expect(await failures(app)).toEqual([]);
  });

  it('is refused where a rule is broken: a key of Info.plist, a program of another system, a source map', async () => {
    const plist = join(app, 'Contents', 'Info.plist');
    const xml = await readFile(plist, 'utf8');
    await writeFile(plist, xml.replace(/<key>LSUIElement<\/key>\s*<true\/>/, ''));
    expect(await failures(app)).toEqual(['Info.plist: LSUIElement is true']);
    await writeFile(plist, xml.replace(/<key>LSAppNapIsDisabled<\/key>\s*<true\/>/, ''));
    expect(await failures(app)).toEqual(['Info.plist: LSAppNapIsDisabled is true']);
    await writeFile(plist, xml);

    const uv = join(app, 'Contents', 'Resources', 'bin', 'uv');
    const good = await readFile(uv);
    await writeFile(uv, await readFile('/bin/sh'));
    expect(await failures(app)).toEqual([
      'uv is a program for Apple silicon',
      expect.stringMatching(/^uv has the code of the one that was fetched/),
    ]);
    await writeFile(uv, good);

    const { createPackageWithOptions, extractAll, uncacheAll } = createRequire(import.meta.url)(
      '@electron/asar',
    );
    const createPackage = (from: string, to: string): Promise<void> =>
      createPackageWithOptions(from, to, { unpack: '*.node' });
    const archive = join(app, 'Contents', 'Resources', 'app.asar');
    const inside = join(folder, 'inside');
    extractAll(archive, inside);
    await writeFile(join(inside, 'dist', 'main', 'shell.js.map'), '{}');
    const kept = await readFile(archive);
    await createPackage(inside, archive);
    expect(await failures(app)).toEqual(['the archive has no source maps']);
    await writeFile(archive, kept);

    // electron-builder goes on with a warning where it does not find a package.
    await rm(join(inside, 'dist', 'main', 'shell.js.map'));
    await rm(join(inside, 'node_modules', 'signal-exit'), { recursive: true });
    await createPackage(inside, archive);
    expect(await failures(app)).toEqual([
      expect.stringMatching(/^the archive has the \d+ packages/),
      expect.stringMatching(/^the archive gives the \d+ packages that are imported/),
    ]);
    await writeFile(archive, kept);

    // A package whose own files are filtered out has a package.json all the same.
    uncacheAll();
    extractAll(archive, inside);
    await rm(join(inside, 'node_modules', 'koffi', 'src'), { recursive: true });
    await createPackage(inside, archive);
    expect(await failures(app)).toEqual([
      expect.stringMatching(/^the archive gives the \d+ packages that are imported/),
    ]);
    await writeFile(archive, kept);

    const framework = join(
      app,
      'Contents/Frameworks/Electron Framework.framework/Versions/A/Electron Framework',
    );
    const wire = await readFile(framework);
    await writeFile(
      framework,
      Buffer.concat([wire.subarray(0, 34), Buffer.from('1'), wire.subarray(35)]),
    );
    expect(await failures(app)).toEqual(['fuse runAsNode is off']);
    await writeFile(framework, wire);
    expect(await failures(app)).toEqual([]);
  });

  it('is the same when it was signed, and another one when its code was changed', async () => {
    const resources = join(app, 'Contents', 'Resources');
    const uv = join(resources, 'bin', 'uv');
    const koffi = '@koromix/koffi-darwin-arm64/darwin_arm64/koffi.node';
    for (const file of [uv, join(resources, 'app.asar.unpacked', 'node_modules', koffi)]) {
      const good = await readFile(file);
      await writeFile(file, resigned(good));
      expect(await failures(app)).toEqual([]);
      await writeFile(file, good);
    }
    const changed = await readFile(uv);
    const middle = changed.length >> 1;
    changed.writeUInt8(changed.readUInt8(middle) ^ 1, middle);
    await writeFile(uv, changed);
    expect(await failures(app)).toEqual([
      expect.stringMatching(/^uv has the code of the one that was fetched/),
    ]);
    changed.writeUInt8(changed.readUInt8(middle) ^ 1, middle);
    await writeFile(uv, changed);
  });

  it('has in its archive all that it needs to run: it starts', async () => {
    const { extractAll, uncacheAll } = createRequire(import.meta.url)('@electron/asar');
    uncacheAll();
    const inside = join(folder, 'unpacked');
    extractAll(join(app, 'Contents', 'Resources', 'app.asar'), inside);
    const home = join(folder, 'home');
    const env = {
      ...process.env,
      MLX_MANAGER_HOME: home,
      ELECTRON_STAND_IN: JSON.stringify({
        packaged: true,
        resourcesPath: join(app, 'Contents', 'Resources'),
      }),
    };
    const register = resolve('tests/fixtures/electron/register.mjs');
    const shell = join(inside, 'dist', 'main', 'shell.js');
    const child = execFile(process.execPath, ['--import', register, shell, '--hidden'], { env });
    const log = join(home, 'logs', 'manager.log');
    await expect.poll(() => readFile(log, 'utf8').catch(() => '')).toMatch(/lifecycle: Started/);
    const ended = new Promise((done) => child.once('exit', done));
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  });

  it('is refused where the command is not ours, holds nothing, or lacks koffi', async () => {
    const resources = join(app, 'Contents', 'Resources');
    const command = join(resources, 'bin', 'mlx-manager');
    const good = await readFile(command);
    const fuse = good.indexOf(`${FUSE}:1`) + FUSE.length + 1;
    await writeFile(
      command,
      Buffer.concat([good.subarray(0, fuse), ZERO, good.subarray(fuse + 1)]),
    );
    expect(await failures(app)).toEqual(['the command runs what it holds, not what it is given']);

    const { file } = await fetchNodeFor('darwin-arm64');
    await writeFile(command, await readFile(file));
    expect(await failures(app)).toEqual([
      'the command runs what it holds, not what it is given',
      'the command holds a program',
      'the command holds this build',
      expect.stringMatching(/^the command is at most 10 MB larger than Node 24/),
    ]);
    await writeFile(command, good);

    const part = join(resources, 'app.asar.unpacked/node_modules/koffi/src/koffi/src/static.cjs');
    const kept = await readFile(part);
    await rm(part);
    expect(await failures(app)).toEqual([
      'the archive gives the packages that are imported',
      'koffi lies whole beside the archive',
    ]);
    await writeFile(part, kept);
  });

  it('brings a koffi that loads, with the library of the system', async () => {
    const packages = join(folder, 'koffi alone', 'node_modules');
    const unpacked = join(app, 'Contents/Resources/app.asar.unpacked/node_modules/koffi');
    await cp(unpacked, join(packages, 'koffi'), { recursive: true });
    // The package has the one for macOS, where npm has installed it.
    await cp(resolve('node_modules/@koromix'), join(packages, '@koromix'), { recursive: true });
    for (const script of [
      `import('koffi').then((koffi) => console.log(typeof koffi.default.load))`,
      `console.log(typeof require('koffi').load)`,
    ]) {
      const { stdout } = await run(process.execPath, ['-e', script], { cwd: join(packages, '..') });
      expect(stdout.trim()).toBe('function');
    }
  });
});

describe('what a package is made by', () => {
  it('a configuration that electron-builder takes, and no other', async () => {
    const require = createRequire(createRequire(import.meta.url).resolve('electron-builder'));
    const { validateConfiguration } = require('app-builder-lib/out/util/config/config');
    const { DebugLogger } = require('builder-util');
    const { load } = createRequire(require.resolve('app-builder-lib'))('js-yaml');
    const config = load(await readFile('electron-builder.yml', 'utf8'));
    const check = (value: unknown) => validateConfiguration(value, new DebugLogger(false));
    await check(config);
    await expect(
      check({ ...config, mac: { ...config.mac, minimumVersion: '14' } }),
    ).rejects.toThrow(/does not match the API schema/);
  });

  it('entitlements for what V8 needs, and nothing else', async () => {
    const xml = await readFile('resources/entitlements.mac.plist', 'utf8');
    expect([...xml.matchAll(/<key>([^<]+)<\/key>/g)].map((match) => match[1])).toEqual([
      'com.apple.security.cs.allow-jit',
    ]);
  });

  it('an Info.plist without what electron-builder adds by itself', () => {
    const inner = '<key>127.0.0.1</key><dict><key>A</key><false/></dict>';
    const xml = `<dict><key>NSAppTransportSecurity</key> <dict><key>NSAllowsArbitraryLoads</key><true/><key>NSExceptionDomains</key><dict>${inner}<key>localhost</key><dict></dict></dict></dict><key>NSCameraUsageDescription</key><string>x</string><key>LSUIElement</key><true/></dict>`;
    expect(withoutWhatIsNotNeeded(xml)).toBe(
      '<dict><key>NSAppTransportSecurity</key> <dict><key>NSAllowsArbitraryLoads</key><false/><key>NSAllowsLocalNetworking</key><true/></dict><key>LSUIElement</key><true/></dict>',
    );
  });
});
