import { photograph } from '@fixtures/browser';
import { eachTestOpens } from '@fixtures/browser-suite';
import { createDiscoverHarness } from '@fixtures/discover-harness';
import { modelRepo } from '@fixtures/download-harness';
import type { HubRepo } from '@fixtures/fake-hub/repos';
import { beforeAll, expect, it } from 'vitest';

let repos: readonly HubRepo[];

const BIG = 'mlx-community/Qwen3-Big-4bit';

beforeAll(async () => {
  const stored = (bytes: number) => ({ parameters: { BF16: bytes / 2 }, total: bytes / 2 });
  repos = await Promise.all([
    modelRepo(BIG, { weights: 30_000_000, facts: { downloads: 684_000, licence: 'apache-2.0' } }),
    modelRepo('mlx-community/Llama-Huge-4bit', {
      facts: { downloads: 305_000, safetensors: stored(4e12) },
    }),
    modelRepo('mlx-community/Qwen2.5-VL-7B-4bit', {
      facts: { downloads: 512_000, pipelineTag: 'image-text-to-text' },
    }),
    ...Array.from({ length: 40 }, (_, index) =>
      modelRepo(`mlx-community/Filler-${String(index).padStart(2, '0')}-4bit`, {
        weights: 2000,
        facts: { downloads: 100 - index },
      }),
    ),
  ]);
});

const harness = eachTestOpens((browser) => createDiscoverHarness(browser, repos));
const row = (name: string) => harness().row(name);
const openDiscover = () => harness().open('Qwen3-Big');

it('finds, narrows and pages, with a verdict on every row', async () => {
  const { page } = harness();
  await openDiscover();
  await page.getByLabel('Sort').selectOption('downloads');
  await row('Qwen3-Big').getByText('Fits').waitFor();
  await row('Llama-Huge').getByText("Doesn't fit").waitFor();
  expect(await photograph(page, 'discover-several')).toEqual([]);
  await page.getByRole('button', { name: 'Show more' }).click();
  await row('Filler-39').waitFor();
  await row('Filler-39').scrollIntoViewIfNeeded();
  const heads = await page.getByRole('columnheader', { name: 'Downloads' }).boundingBox();
  expect(heads?.y, 'the names of the columns stay in sight').toBeGreaterThan(0);
  await page.getByRole('checkbox', { name: 'Fits this machine' }).check();
  await row('Llama-Huge').waitFor({ state: 'detached' });
  await page.getByRole('checkbox', { name: 'Fits this machine' }).uncheck();
  await page.getByRole('radio', { name: 'Vision' }).click();
  await row('Qwen3-Big').waitFor({ state: 'detached' });
  await row('Qwen2.5-VL').waitFor();
  await page.getByRole('radio', { name: 'All' }).click();
  await page.getByRole('searchbox', { name: 'Search models' }).fill('no such model');
  await page.getByRole('heading', { name: /^No results for/ }).waitFor();
  // The field has a button of this name too.
  await page.getByRole('button', { name: 'Clear search', exact: true }).last().click();
  await row('Qwen3-Big').waitFor();
});

it('downloads, pauses, survives a crash of the manager, and ends as a model of the library', async () => {
  const { page } = harness();
  // Slow enough that it is still under way when the pictures are taken.
  harness().hub.bytesPerSecond = 300_000;
  await openDiscover();
  await page.getByRole('button', { name: `Download ${BIG}` }).click();
  const bar = page.getByRole('progressbar', { name: `Download of ${BIG}` });
  await bar.waitFor();
  await page.getByRole('link', { name: 'Discover' }).getByText('1').waitFor();
  expect(await photograph(page, 'discover-downloading')).toEqual([]);
  await page.getByRole('button', { name: `Pause ${BIG}` }).click();
  await row('Qwen3-Big').getByText('Paused', { exact: true }).waitFor();
  await page.getByRole('button', { name: `Resume ${BIG}` }).click();
  await page.getByRole('button', { name: `Pause ${BIG}` }).waitFor();
  await harness().crash();
  harness().hub.bytesPerSecond = undefined;
  await harness().open();
  await row('Qwen3-Big').getByText('On this machine').waitFor();
  await page.getByRole('link', { name: 'Models' }).click();
  await row('Qwen3-Big').getByText('Complete').waitFor();
});

it('asks before it throws away what has come, and then nothing is left', async () => {
  const { page } = harness();
  harness().hub.bytesPerSecond = 1_500_000;
  await openDiscover();
  await page.getByRole('button', { name: `Download ${BIG}` }).click();
  await row('Qwen3-Big')
    .getByText(/^[1-9][0-9.]* of 30 MB/)
    .waitFor();
  await page.getByRole('button', { name: `Cancel ${BIG}` }).click();
  await page.getByRole('button', { name: 'Cancel download' }).click();
  await page.getByRole('button', { name: `Download ${BIG}` }).waitFor();
  expect(await harness().manager.json('downloads')).toEqual([]);
});

it('asks once, with the sum, before it fetches what does not fit', async () => {
  const { page } = harness();
  await openDiscover();
  await row('Llama-Huge').getByText("Doesn't fit").waitFor();
  await page.getByRole('button', { name: 'Download mlx-community/Llama-Huge-4bit' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText(/It needs [\d,.]+ GiB/).waitFor();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  expect(await harness().manager.json('downloads')).toEqual([]);
});

it('says in the row why a download could not begin', async () => {
  const { page } = harness();
  await openDiscover();
  await row('Qwen3-Big').getByText('Fits').waitFor();
  harness().hub.plan = ({ path }) =>
    path.includes('Qwen3-Big') ? { kind: 'answer', status: 403 } : undefined;
  await page.getByRole('button', { name: `Download ${BIG}` }).click();
  await row('Qwen3-Big')
    .getByRole('alert')
    .getByText(/denies access/)
    .waitFor();
  expect(await harness().manager.json('downloads')).toEqual([]);
});

it('without a network it says so, and goes on when there is one', async () => {
  const { page } = harness();
  harness().hub.plan = () => ({ kind: 'answer', status: 503 });
  await harness().open();
  await page
    .getByRole('alert')
    .getByText(/is having problems/)
    .waitFor();
  expect(await photograph(page, 'discover-broken')).toEqual([]);
  harness().hub.plan = () => undefined;
  await page.getByRole('button', { name: 'Try again' }).click();
  await row('Qwen3-Big').waitFor();
});
