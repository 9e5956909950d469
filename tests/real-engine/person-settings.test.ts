import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { fillEnvironment } from '@core/engines/install/install-engine';
import { Uv } from '@core/engines/install/uv';
import { systemClock } from '@core/ports/clock';
import { installerEnv } from '@core/processes/child-env';
import { createTools } from '@fixtures/tools';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'mm-settings-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const UV_TOML = `exclude-newer = "2020-01-01T00:00:00Z"
resolution = "lowest"
[pip]
target = "TARGET"
`;
const PIP_CONF = `[global]
require-virtualenv = true
no-binary = :all:
[install]
prefix = TARGET
`;

test('what a person’s settings of uv and pip say about places and choices changes no installation', async () => {
  const home = path.join(root, 'home');
  const target = path.join(root, 'elsewhere');
  const config = path.join(home, '.config');
  for (const [program, file, text] of [
    ['uv', 'uv.toml', UV_TOML],
    ['pip', 'pip.conf', PIP_CONF],
  ] as const) {
    await mkdir(path.join(config, program), { recursive: true });
    await writeFile(path.join(config, program, file), text.replace('TARGET', target));
  }
  const { run } = await createTools(path.join(root, 'run'));
  const tools = path.join(root, 'tools');
  const env = installerEnv({
    ...process.env,
    ...{ HOME: home, XDG_CONFIG_HOME: config, PIP_CONFIG_FILE: undefined },
    ...{ PIP_USER: '1', PIP_PREFIX: target, PIP_DRY_RUN: '1', PIP_REQUIRE_VIRTUALENV: '1' },
    ...{ PIP_TARGET: target, UV_EXCLUDE_NEWER: '2020-01-01', UV_NO_BINARY: '1', UV_PYTHON: '2.7' },
  });
  // Without any uv on the machine, so that pip fetches ours.
  const uv = new Uv({
    ...{ env, run, folder: tools },
    bundled: path.join(root, 'no-uv'),
    requirements: path.resolve('resources/engines/uv/all.txt'),
    monotonic: () => performance.now(),
  });
  const python = await uv.localPython({ min: [3, 9], below: [3, 99] }, '3.12');
  if (python === undefined) throw new Error('There is no Python here.');
  const folder = path.join(root, 'environment');
  const packages = await fillEnvironment({
    ...{ uv, python, folder, call: {}, what: 'a package' },
    resolution: { version: '0.0.4', lock: 'annotated-doc==0.0.4\n', hashed: false },
    clock: systemClock,
    report: { progress: () => undefined, detail: () => undefined },
  });
  expect(packages).toContain('annotated-doc==0.0.4');
  expect(await readdir(root)).not.toContain('elsewhere');
});
