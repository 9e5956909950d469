import { photograph } from '@fixtures/browser';
import { eachTestOpens } from '@fixtures/browser-suite';
import { modelRepo } from '@fixtures/download-harness';
import { writeHashedModel } from '@fixtures/hashed-model';
import { createModelsHarness } from '@fixtures/models-harness';
import { expect, it } from 'vitest';

const REF = 'mlx-community/Gone-4bit';
const harness = eachTestOpens(async (browser) =>
  createModelsHarness(
    browser,
    async ({ cache }) => {
      await writeHashedModel(cache, 'org/Here-4bit');
    },
    // The first in Discover is another one.
    [
      await modelRepo('mlx-community/First-4bit', { weights: 20_000, facts: { downloads: 900 } }),
      await modelRepo(REF, { weights: 20_000, facts: { downloads: 1 } }),
    ],
  ),
);

const go = (hash: string) =>
  harness().page.evaluate((next) => {
    window.location.hash = next;
  }, hash);

it('says that a linked model is not here, shows no other one, and downloads it again', async () => {
  const { page } = harness();
  await harness().manager.json('profile', 'create', 'Writer', '--model', REF);
  await harness().show();
  await go(`#/models/${encodeURIComponent(REF)}`);
  const said = page.getByRole('alert').filter({ hasText: 'Gone-4bit is not on this machine.' });
  await said.getByText('Writer uses it.').waitFor();
  expect(await page.getByRole('row', { selected: true }).count()).toBe(0);
  expect(await page.getByRole('region', { name: 'Model Here-4bit' }).count()).toBe(0);
  expect(await photograph(page, 'models-unknown')).toEqual([]);
  await said.getByRole('button', { name: 'Download again' }).click();
  await harness().inspector('Gone-4bit').waitFor();
  await said.waitFor({ state: 'detached' });
  await harness().row('Gone-4bit').getByText('Complete').waitFor();
  await go('#/models/org%2FNever');
  await page.getByText('Never is not on this machine.').waitFor();
  await page.getByRole('button', { name: 'Show all models' }).click();
  await page.getByRole('row', { selected: true }).waitFor();
});

it('a profile whose model is gone offers it where the server is stopped, and Discover shows it coming', async () => {
  const { page } = harness();
  await harness().manager.json('profile', 'create', 'Writer', '--model', REF);
  await harness().show();
  await page.getByRole('link', { name: 'Servers' }).click();
  const said = page.getByRole('alert').filter({ hasText: 'no longer on this machine' });
  await said.getByText("The server can't start without it.").waitFor();
  await said.getByRole('button', { name: 'Download again' }).click();
  await harness().inspector('Gone-4bit').waitFor();
  expect(JSON.stringify(await harness().manager.json('downloads'))).toContain(REF);
  await page.getByRole('link', { name: 'Servers' }).click();
  await said.waitFor({ state: 'detached' });
});

it('an engine, a profile and a model of Hugging Face that do not exist are said', async () => {
  const { page } = harness();
  await harness().show();
  await go('#/engines/nonsense');
  await page.getByRole('heading', { name: "This engine doesn't exist" }).waitFor();
  await page.getByRole('button', { name: 'Show the first engine' }).click();
  await page.getByRole('heading', { name: "This engine doesn't exist" }).waitFor({
    state: 'detached',
  });
  await harness().manager.json('profile', 'create', 'Writer', '--model', 'demo');
  await go('#/servers/aaaaaaaa');
  await page.getByRole('heading', { name: "This profile doesn't exist" }).waitFor();
  await go('#/discover/org%2FNever');
  await page.getByText('org/Never cannot be shown.').waitFor();
  expect(await page.getByRole('region', { name: /^Model / }).count()).toBe(0);
});
