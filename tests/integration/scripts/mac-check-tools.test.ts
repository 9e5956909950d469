import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createTempHome, type TempHome } from '@fixtures/temp-home';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
// @ts-expect-error: a plain script without types
import { withBundles } from '../../../scripts/bundle.mjs';

let home: TempHome;
let bin: string;
let app: string;

beforeEach(async () => {
  home = await createTempHome();
  bin = join(home.folder, 'bin');
  app = join(home.folder, 'MLX Manager.app');
  await mkdir(bin);
  await mkdir(join(app, 'Contents'), { recursive: true });
  await writeFile(join(app, 'Contents', 'Info.plist'), '<plist></plist>');
});
afterEach(() => home.close());

/** A program of macOS that prints this; texts as in tests/unit/mac-check/parsers.test.ts. */
async function tool(name: string, script: string): Promise<void> {
  await writeFile(join(bin, name), `#!/bin/sh\n${script}\n`);
  await chmod(join(bin, name), 0o755);
}

const signature = (flags: string, lines: string): string =>
  `[ "$1" = --verify ] && exit 0
cat >&2 <<'END'
Executable=/Applications/MLX Manager.app/Contents/MacOS/MLX Manager
Identifier=app.mlx-manager.MLXManager
CodeDirectory v=20500 size=931 flags=${flags} hashes=18+7 location=embedded
${lines}
END`;

const NAMES = ['macOS version', 'signature', 'Gatekeeper', 'notarization', 'App Nap', 'python3'];

/** The checks in a process that takes this machine for a Mac: each row as its result and what was seen. */
async function onMac(): Promise<Record<string, string>> {
  const options = { root: resolve('.'), app, out: join(home.folder, 'report.txt'), only: NAMES };
  const run = async (folder: string): Promise<string> => {
    const index = JSON.stringify(join(folder, 'index.js'));
    const program = `const { runMacCheck } = await import(${index});
process.exitCode = await runMacCheck(${JSON.stringify(options)});`;
    const path = resolve('tests/fixtures/mac-path.mjs');
    const args = ['--import', path, '--input-type=module', '--eval', program];
    const env = { PATH: `${bin}:${process.env.PATH}`, TMPDIR: home.folder };
    return (await execa(process.execPath, args, { reject: false, env })).stdout;
  };
  const entry = resolve('scripts/mac-check/index.ts');
  const text = (await withBundles('mac-check-test', [entry], run)) as string;
  const rows = text.split('\n').map((line) => line.split(/ {2,}/));
  return Object.fromEntries(rows.map(([name, state, , seen]) => [name, `${state}: ${seen}`]));
}

/** It looks at what the system's programs print; elsewhere they are stand-ins. */
describe.skipIf(process.platform === 'darwin')('the checks that are for macOS alone', () => {
  it("tell a release from a build for one Mac by what the system's programs print", async () => {
    await tool('sw_vers', "printf 'ProductVersion:\\t\\t15.7.5\\nBuildVersion:\\t\\t24G624\\n'");
    await tool('plutil', 'echo true');
    await tool('codesign', signature('0x20002(adhoc,linker-signed)', 'Signature=adhoc'));
    await tool('spctl', 'echo "MLX Manager.app: rejected\nsource=no usable signature" >&2; exit 3');
    expect(await onMac()).toMatchObject({
      'macOS version': 'ok: 15.7.5 (24G624)',
      signature: 'ok: whole, signed ad hoc (for this Mac alone)',
      Gatekeeper: 'not here: signed for this Mac alone: rejected, no usable signature',
      'notarization ticket': 'not here: signed for this Mac alone',
      'App Nap': 'ok: LSAppNapIsDisabled true',
      // xcode-select is not at its place, so that the tools are not installed and nothing is run.
      '/usr/bin/python3': expect.stringMatching(/^ok: (there is none|.*not run)/),
    });

    await tool('sw_vers', "printf 'ProductVersion:\\t\\t13.6\\nBuildVersion:\\t\\t22G120\\n'");
    await tool('plutil', 'echo "Could not extract value" >&2; exit 1');
    await tool('codesign', signature('0x0(none)', 'Authority=Developer ID Application: A (B)'));
    await tool(
      'spctl',
      'echo "MLX Manager.app: rejected\nsource=Unnotarized Developer ID"; exit 3',
    );
    expect(await onMac()).toMatchObject({
      'macOS version': 'not ok: 14 or newer is needed (13.6 (22G120))',
      signature: expect.stringMatching(
        /^not ok: it lacks the hardened runtime; it lacks a timesta/,
      ),
      Gatekeeper: 'not ok: it would not be opened: rejected, Unnotarized Developer ID',
      'App Nap': expect.stringMatching(/^not ok: it can be napped/),
    });
  });
});
