import { photograph } from '@fixtures/browser';
import { eachTestOpens } from '@fixtures/browser-suite';
import { createDiscoverHarness } from '@fixtures/discover-harness';
import { modelRepo } from '@fixtures/download-harness';
import type { HubRepo } from '@fixtures/fake-hub/repos';
import { beforeAll, expect, it } from 'vitest';

/** A machine that does much else. */
const SLOW = { timeout: 15_000 };

let repos: readonly HubRepo[];

const stored = (bytes: number) => ({ parameters: { BF16: bytes / 2 }, total: bytes / 2 });

beforeAll(async () => {
  const made = (id: string, gigabytes: number, downloads: number, type: string) =>
    modelRepo(id, {
      weights: 2000,
      facts: { downloads, safetensors: stored(gigabytes * 1e9), config: { model_type: type } },
    });
  repos = await Promise.all([
    made('mlx-community/Qwen3-Coder-30B-4bit', 17.2, 900, 'qwen3_moe'),
    made('mlx-community/Qwen3-Coder-30B-8bit', 32.4, 700, 'qwen3_moe'),
    made('mlx-community/Llama-3B-4bit', 1.8, 500, 'llama'),
    made('lmstudio-community/Llama-3B-8bit', 3.4, 300, 'llama'),
    ...Array.from({ length: 320 }, (_, index) =>
      made(`big/Huge-${index}-16bit`, 900, 200 - index / 10, 'deepseek_v3'),
    ),
    made('small/At-The-End-3bit', 0.4, 0, 'llama'),
  ]);
});
const harness = eachTestOpens((browser) => createDiscoverHarness(browser, repos));

it('narrows by size, bits, author and architecture, each by itself', async () => {
  const { page, row } = harness();
  await harness().open('Qwen3-Coder-30B-4bit');
  await page.getByLabel('Size').selectOption('Under 20 GB');
  await row('Qwen3-Coder-30B-8bit').waitFor({ state: 'detached' });
  await page.getByLabel('Size').selectOption('Any size');
  await page.getByLabel('Bits').selectOption('8-bit');
  await row('Llama-3B-8bit').waitFor();
  await row('Qwen3-Coder-30B-4bit').waitFor({ state: 'detached' });
  await page.getByLabel('Bits').selectOption('Any bits');
  await page.getByLabel('Author').fill('lmstudio-community');
  await page.keyboard.press('Enter');
  await page.getByText('1 model found').waitFor();
  await page.getByLabel('Author').fill('');
  await page.getByLabel('Architecture').fill('qwen3_moe');
  await page.keyboard.press('Enter');
  await row('Llama-3B-8bit').waitFor({ state: 'detached' });
  await row('Qwen3-Coder-30B-8bit').waitFor();
});

it('names the filters that nothing matches, and takes the one away that leaves out most', async () => {
  const { page, row } = harness();
  await harness().open('Qwen3-Coder-30B-4bit');
  await page.getByRole('searchbox', { name: 'Search models' }).fill('qwen3 coder');
  await page.getByLabel('Bits').selectOption('4-bit');
  await page.getByLabel('Size').selectOption('Under 10 GB');
  await page.getByRole('heading', { name: 'No models match all three filters' }).waitFor();
  await page.getByText(/“qwen3 coder”, under 10 GB, 4-bit\./).waitFor();
  await page.getByText('Without “under 10 GB”: 1 model.').waitFor();
  expect(await photograph(page, 'discover-no-result')).toEqual([]);
  await page.getByRole('button', { name: 'Remove “under 10 GB”' }).click();
  await row('Qwen3-Coder-30B-4bit').waitFor();
  await page.getByLabel('Size').selectOption('Under 10 GB');
  await page.getByRole('button', { name: 'Clear all filters' }).click();
  await row('Llama-3B-8bit').waitFor();
});

it('says how far it looked when a filter leaves almost everything out, and looks further', async () => {
  const { page, row } = harness();
  await harness().open('Qwen3-Coder-30B-4bit');
  await page.getByLabel('Sort').selectOption('Downloads');
  await page.getByLabel('Bits').selectOption('3-bit');
  await page.getByText('Searched 300 models.').waitFor();
  await page.getByRole('button', { name: 'Keep searching' }).click();
  await row('At-The-End-3bit').waitFor();
  await page.getByText('1 model found').waitFor();
});

it('keeps what is in sight while the next search is under way, and ends one that is overtaken', async () => {
  const { page, row, hub } = harness();
  await harness().open('Qwen3-Coder-30B-4bit');
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  hub.hold = (url) => (url.includes('search=llama') ? held : undefined);
  const search = page.getByRole('searchbox', { name: 'Search models' });
  await search.fill('llama');
  await expect
    .poll(() => hub.requests.filter(({ url }) => url.includes('search=llama')).length, SLOW)
    .toBe(1);
  await row('Qwen3-Coder-30B-4bit').waitFor();
  await search.fill('coder');
  await page.getByText('2 models found').waitFor();
  await expect
    .poll(() => hub.aborted.filter((url) => url.includes('search=llama')).length, SLOW)
    .toBe(1);
  release();
  // The one that was ended is not asked for again behind the person's back.
  await row('Qwen3-Coder-30B-8bit').waitFor();
  expect(hub.requests.filter(({ url }) => url.includes('search=llama'))).toHaveLength(1);
});
