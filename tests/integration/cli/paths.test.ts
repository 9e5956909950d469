import { mkdir, readFile, realpath, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { demoModelFiles } from '@core/models/demo-model';
import { type CliHarness, createCliHarness } from '@fixtures/cli-harness';
import { FAKE_ENGINE } from '@fixtures/fake-adapter';

describe('a folder of models', () => {
  let harness: CliHarness;
  beforeEach(async () => {
    harness = await createCliHarness();
  });
  afterEach(() => harness.close());

  it.each(['my models', "it's “mine” & $HOME", 'モデル 🙂', '-n', 'a\tb', 'trailing '])(
    'named %j is added, its model served, and taken away again',
    async (name) => {
      const folder = join(harness.home.folder, name);
      const model = join(folder, 'tiny one');
      await mkdir(model, { recursive: true });
      for (const [file, content] of demoModelFiles()) await writeFile(join(model, file), content);
      const [added] = await harness.json('model', 'add-folder', `./${name}`);
      expect(added).toContainEqual(
        expect.objectContaining({ path: folder, origin: 'added', state: 'ok', models: 1 }),
      );
      const [models] = await harness.json('model', 'list');
      expect(models).toContainEqual(
        expect.objectContaining({ ref: model, path: model, complete: true }),
      );
      const [profile] = await harness.json(
        'profile',
        'create',
        'A',
        '--model',
        `${name}/../${name}/tiny one`.replace(/^/, './'),
      );
      expect(profile).toMatchObject({ model });
      const [removed] = await harness.json('model', 'remove-folder', `${folder}/`);
      expect(removed).not.toContainEqual(expect.objectContaining({ path: folder }));
    },
  );

  it('that cannot be is refused, by its name', async () => {
    await writeFile(join(harness.home.folder, 'a file'), '');
    for (const [path, says] of [
      ['no such folder', "no such folder doesn't exist"],
      ['a file', "a file isn't a folder"],
    ] as const) {
      expect(await harness.failure('model', 'add-folder', path)).toMatchObject({
        code: 1,
        error: {
          code: 'validation',
          message: expect.stringContaining(says),
          data: { fields: [{ field: 'path' }] },
        },
      });
    }
    const gone = await harness.failure('model', 'remove-folder', 'never added');
    expect(gone).toMatchObject({ code: 1, error: { code: 'not_found' } });
  });

  it.each([
    ['model', 'add-folder', ''],
    ['model', 'remove-folder', '  '],
    ['engine', 'register', 'mlx-lm', '--command', ''],
    ['engine', 'register', 'mlx-lm', '--python', ''],
  ])('that is empty is not the folder one is in: %s %s %j', async (...words) => {
    expect(await harness.failure(...words)).toMatchObject({
      code: 2,
      error: { code: 'usage', message: 'The path must not be empty.' },
    });
    const [settings] = await harness.json('settings', 'get');
    expect(settings).toMatchObject({ modelFolders: [] });
  });
});

describe('MLX_MANAGER_HOME', () => {
  it.each([
    ['with spaces, quotes and other letters', `My "Data" & it's ü 数据 🙂`],
    ['too long for the path of a socket', `a long path ${'x'.repeat(120)}/and more`],
    ['from where the command runs', './relative/data'],
  ])('may be a path %s', async (_, chosen) => {
    const probe = await createCliHarness();
    const home = join(probe.home.folder, chosen);
    const isRelative = chosen.startsWith('.');
    const harness = await createCliHarness({ MLX_MANAGER_HOME: isRelative ? chosen : home });
    const expected = isRelative ? join(await realpath(harness.home.folder), chosen) : home;
    try {
      const { ready } = await harness.serve();
      expect(ready.home).toBe(expected);
      await harness.json('engine', 'register', 'mlx-lm', '--command', FAKE_ENGINE);
      await harness.createProfile('A');
      expect(await harness.json('start', 'A', '--wait')).toMatchObject([{ state: 'ready' }]);
      expect(await harness.json('status')).toMatchObject([{ manager: { pid: ready.pid } }]);
      expect(await readFile(join(expected, 'profiles.json'), 'utf8')).toContain('"A"');
    } finally {
      await harness.close();
      await probe.close();
    }
  });

  it('may not be a file', async () => {
    const probe = await createCliHarness();
    const file = join(probe.home.folder, 'a file');
    await writeFile(file, 'mine');
    const harness = await createCliHarness({ MLX_MANAGER_HOME: file });
    try {
      for (const words of [
        ['serve', '--port', '0'],
        ['status'],
        ['profile', 'create', 'A', '--model', 'demo'],
      ]) {
        const { code, error } = await harness.failure(...words);
        expect(code).toBe(1);
        expect(error).toMatchObject({ code: 'validation', message: expect.stringContaining(file) });
      }
      expect(await readFile(file, 'utf8')).toBe('mine');
    } finally {
      await harness.close();
      await probe.close();
    }
  });
});
