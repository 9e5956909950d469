import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { createHubHarness, type HubHarness } from '@fixtures/hub-harness';

let home: string;
let harness: HubHarness;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'mlx-hf-'));
  harness = await createHubHarness([], { HF_HOME: '$PLACE', PLACE: home });
});
afterEach(async () => {
  await harness.close();
  await rm(home, { recursive: true });
});

it('a token of `hf auth login` is not used, but said, with the way to use it', async () => {
  expect(await harness.service.account()).toMatchObject({ token: 'none' });
  expect(await harness.service.account()).not.toHaveProperty('problem');
  const file = join(home, 'token');
  await writeFile(file, 'hf_of_somebody_123');
  const account = await harness.service.account();
  expect(account).toMatchObject({
    token: 'none',
    problem: expect.stringContaining(`hub token set --token-file ${file}`),
  });
  expect(JSON.stringify(account)).not.toContain('hf_of_somebody');
  await harness.service.setToken('hf_good');
  expect(await harness.service.account()).toMatchObject({ token: 'kept', user: 'mara' });
});
