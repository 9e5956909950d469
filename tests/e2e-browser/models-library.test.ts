import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { photograph } from '@fixtures/browser';
import { browserSuite } from '@fixtures/browser-suite';
import { writeHashedModel } from '@fixtures/hashed-model';
import { safetensorsFile, writeModel } from '@fixtures/model-files';
import { createModelsHarness, writeBigModel } from '@fixtures/models-harness';
import { type Mount, mountFolder } from '@fixtures/mounts';
import { mainThreadTasks, sumOf } from '@fixtures/page-work';
import type { Page } from 'playwright';
import { expect, it } from 'vitest';

const suite = browserSuite();
const open = (
  fill?: Parameters<typeof createModelsHarness>[1],
): ReturnType<typeof createModelsHarness> =>
  suite.open((browser) => createModelsHarness(browser, fill));

const FRAMES = 120;
const TEMPLATE = '{% if tools %}{{ tools }}{% endif %}{% if enable_thinking %}<think>{% endif %}';
const names = (page: Page) => page.locator('tbody tr td:first-child p:first-child');

/** A library with something of everything. */
async function fillMixed({ cache, home }: { cache: string; home: string }): Promise<void> {
  const card = '---\nlicense: apache-2.0\n---\n';
  const big = (name: string, gb: number, config: object = {}) =>
    writeBigModel(cache, `mlx-community/${name}`, {
      bytes: gb * 1e9,
      config: { num_hidden_layers: 36, num_key_value_heads: 8, ...config },
      template: TEMPLATE,
      card,
    });
  await big('Qwen3-8B-4bit', 4.6);
  await big('gemma-3-12b-it-4bit', 8, { max_position_embeddings: 131072 });
  await big('Qwen3-Coder-30B-A3B-Instruct-4bit', 17.2, { max_position_embeddings: 262144 });
  const whole = await big('phi-4-4bit', 8.3, { max_position_embeddings: 16384 });
  await rm(path.join(whole, 'tokenizer.json'));
  const manifest = path.join(home, '.ollama/models/manifests/registry.ollama.ai/library/qwen3');
  await mkdir(manifest, { recursive: true });
  const layer = { mediaType: 'application/vnd.ollama.image.tensor', size: 5.2e9 };
  await writeFile(path.join(manifest, '8b-mlx'), JSON.stringify({ layers: [layer] }));
}

it('sorts by a column, filters by state and folder, and remembers the order', async () => {
  const harness = await open(fillMixed);
  const { page, problems } = harness;
  const port = String(await harness.home.freePort());
  await harness.manager.json(
    ...['profile', 'create', 'Qwen3 8B', '--model', 'mlx-community/Qwen3-8B-4bit', '--port', port],
  );
  await harness.show();
  await harness.row('phi-4-4bit').getByText('Incomplete').waitFor();
  await page.getByText(/^6 models, 43\.3 GB on disk, .* free$/).waitFor();
  await page.getByRole('button', { name: 'Size' }).click();
  expect(await page.getByRole('columnheader', { name: 'Size' }).getAttribute('aria-sort')).toBe(
    'descending',
  );
  await expect.poll(() => names(page).first().textContent()).toMatch(/^Qwen3-Coder-30B/);
  await page.getByRole('button', { name: 'Size' }).click();
  await expect.poll(() => names(page).first().textContent()).toBe('Built-in test model');
  await harness.row('Qwen3-8B-4bit').click();
  await harness.inspector('Qwen3-8B-4bit').getByText('36 layers, 8 KV heads').waitFor();
  await harness.inspector('Qwen3-8B-4bit').getByText('Tool calls, optional reasoning').waitFor();
  expect(await photograph(page, 'models-library')).toEqual([]);
  await page.getByRole('link', { name: 'Servers' }).click();
  await page.getByRole('link', { name: 'Models' }).click();
  await expect.poll(() => names(page).first().textContent()).toBe('Built-in test model');
  await page.getByRole('radio', { name: 'Unused' }).click();
  await harness.row('Qwen3-8B-4bit').waitFor({ state: 'detached' });
  await harness.row('gemma-3').waitFor();
  await page.getByRole('radio', { name: 'Incomplete' }).click();
  await expect.poll(() => names(page).allTextContents()).toEqual(['phi-4-4bit']);
  await page.getByRole('radio', { name: 'All' }).click();
  await page.getByLabel('Folder').selectOption({ label: 'Ollama' });
  await harness.row('qwen3:8b-mlx').getByText('Not usable').waitFor();
  await harness.row('qwen3:8b-mlx').click();
  const inspector = harness.inspector('qwen3:8b-mlx');
  await inspector.getByText('Managed by Ollama. Change it there.').waitFor();
  expect(await photograph(page, 'models-unusable')).toEqual([]);
  await page.getByRole('searchbox', { name: 'Search models' }).fill('nothing like it');
  await page.getByRole('heading', { name: 'No results' }).waitFor();
  await page.getByRole('button', { name: 'Clear search and filters' }).click();
  await harness.row('gemma-3').waitFor();
  expect(problems).toEqual([]);
});

it('shows what is there twice, and a copy that no profile uses goes without a question', async () => {
  const harness = await open(async ({ cache, lmStudio }) => {
    const weights = { 'model.safetensors': safetensorsFile(4_600_000) };
    await writeHashedModel(cache, 'org/Twin-4bit', weights);
    await writeModel(path.join(lmStudio, 'org', 'Twin-4bit'), weights);
    await writeHashedModel(cache, 'org/Single-4bit');
  });
  const { page } = harness;
  await harness.show();
  await page.getByText('2 copies of the same weights, 4.6 MB').waitFor();
  await page.getByRole('button', { name: 'Show', exact: true }).click();
  await harness.row('Single-4bit').waitFor({ state: 'detached' });
  const cached = page.getByRole('row', { name: 'Hugging Face cache' });
  const other = page.getByRole('row', { name: 'LM Studio folder' });
  await cached.getByText('Also in LM Studio, 4.6 MB').waitFor();
  await other.getByText('Also in the cache, 4.6 MB').waitFor();
  await cached.click();
  const block = page.getByRole('region', { name: 'Copies' });
  await block.getByText('Same weights in two places, 4.6 MB').waitFor();
  await block.getByText('No profile uses the copy in the LM Studio folder.').waitFor();
  const keep = block.getByRole('button', { name: 'Keep both, free 4.6 MB' });
  expect(await photograph(page, 'models-copies')).toEqual([]);
  // Whether the bytes can be shared is up to the disk that the test runs on.
  if ((await keep.getAttribute('aria-disabled')) === 'true') {
    expect(await keep.getAttribute('aria-description')).toMatch(/\w{3}/);
  }
  await block.getByRole('button', { name: 'Delete that copy' }).click();
  await other.waitFor({ state: 'detached' });
  await block.waitFor({ state: 'detached' });
  await page.getByRole('button', { name: /^Undo: Deleted Twin-4bit/ }).waitFor();
  expect(await page.getByRole('dialog').count()).toBe(0);
});

it('keeps what it knows of a disk that is not there', async (test) => {
  const mount: Mount | string = await mountFolder('size=8m');
  const harness = await open();
  if (typeof mount === 'string') return test.skip(mount);
  const { page } = harness;
  try {
    await writeModel(path.join(mount.folder, 'models', 'Away-4bit'), {
      'model.safetensors': safetensorsFile(300_000),
    });
    await harness.manager.json('model', 'add-folder', path.join(mount.folder, 'models'));
    await harness.show();
    await harness.row('Away-4bit').getByText('Complete').waitFor();
  } finally {
    await mount.close();
  }
  await page.getByRole('button', { name: 'Scan again' }).click();
  const row = harness.row('Away-4bit');
  await row.getByText('Not mounted').waitFor();
  await row.getByText(path.basename(mount.folder), { exact: true }).waitFor();
  await row.click();
  const inspector = harness.inspector('Away-4bit');
  await inspector.getByText("isn't mounted.").waitFor();
  for (const name of ['New profile', 'Delete…', 'Verify: Away-4bit']) {
    const button = inspector.getByRole('button', { name });
    expect(await button.getAttribute('aria-disabled')).toBe('true');
  }
  expect(await photograph(page, 'models-unmounted')).toEqual([]);
  await page.getByRole('link', { name: 'Folders' }).click();
  // Of the settings: the page before shows the folder in other places, and may still be there.
  const folders = page.locator('[data-field="modelFolders"]');
  await folders.getByText(path.join(mount.folder, 'models'), { exact: true }).waitFor();
});

it('without a model it says where one comes from', async () => {
  const harness = await open();
  const { page } = harness;
  await harness.show();
  await page.getByRole('heading', { name: 'No models on this machine yet' }).waitFor();
  expect(await photograph(page, 'models-none')).toEqual([]);
  const add = page.getByRole('button', { name: 'Add folder…' }).last();
  expect(await add.getAttribute('aria-description')).toMatch(/in the desktop app/);
  await page.getByRole('button', { name: 'Find a model' }).click();
  await page.getByRole('heading', { name: 'Discover' }).waitFor();
});

it('draws of a thousand models those in sight, and goes through them by keys', async () => {
  const harness = await open(async ({ lmStudio }) => {
    for (let index = 0; index < 1000; index += 1) {
      const name = `Model-${String(index).padStart(4, '0')}-4bit`;
      await writeModel(path.join(lmStudio, 'org', name), {
        'model.safetensors': safetensorsFile(64 + index),
      });
    }
  });
  const { page } = harness;
  await harness.show();
  await page.getByText(/^1,001 models, /).waitFor();
  const grid = page.getByRole('grid', { name: 'Models' });
  expect(await grid.getAttribute('aria-rowcount')).toBe('1002');
  expect(await names(page).count()).toBeLessThan(40);
  await grid.focus();
  await page.keyboard.press('End');
  await harness.inspector('Model-0999-4bit').waitFor();
  await harness.row('Model-0999-4bit').waitFor();
  await page.keyboard.press('PageUp');
  await harness.inspector('Model-0991-4bit').waitFor();
  await page.getByRole('button', { name: 'Model', exact: true }).click();
  const tasks = await mainThreadTasks(page, () => grid.evaluate(scrollThrough, FRAMES));
  expect(await names(page).count()).toBeLessThan(40);
  console.log('a frame of 1,000 models, ms:', (sumOf(tasks) / FRAMES).toFixed(1));
  // With every row drawn it would be a multiple of this.
  expect(sumOf(tasks) / FRAMES).toBeLessThan(70);
  await page.getByRole('searchbox', { name: 'Search models' }).fill('0500');
  await expect.poll(() => names(page).allTextContents()).toEqual(['Model-0500-4bit']);
});

/** Runs in the page: scrolls from end to end in so many frames. */
async function scrollThrough(element: Element, frames: number): Promise<void> {
  for (let step = 0; step < frames; step += 1) {
    element.scrollTop = (element.scrollHeight * step) / frames;
    await new Promise((resolve) => requestAnimationFrame(resolve));
  }
}
