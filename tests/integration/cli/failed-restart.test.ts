import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { type CliHarness, createCliHarness } from '@fixtures/cli-harness';
import { FAKE_ENGINE } from '@fixtures/fake-adapter';

let cli: CliHarness;
beforeEach(async () => {
  cli = await createCliHarness();
});
afterEach(() => cli.close());

it('a restart that ends failed is no success, with or without --json', async () => {
  await cli.serve('--no-demo');
  await cli.json('engine', 'register', 'mlx-lm', '--command', FAKE_ENGINE);
  const [demo] = (await cli.json('model', 'show', 'demo')) as { path: string }[];
  const model = join(cli.home.folder, 'a model');
  await cp(demo?.path ?? '', model, { recursive: true });
  await cli.createProfile('Lost', '--model', model, '--restart', 'never');
  await cli.json('start', 'Lost', '--wait');
  await rm(model, { recursive: true });
  expect(await cli.failure('restart', 'Lost')).toMatchObject({
    code: 1,
    error: { code: 'model_missing', message: expect.stringMatching(/^Lost: /) },
  });
  const { code, stderr } = await cli.run('restart', 'Lost');
  expect([code, stderr]).toEqual([1, expect.stringMatching(/^Error: Lost: /m)]);
});
