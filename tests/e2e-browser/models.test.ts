import { cp, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { photograph } from '@fixtures/browser';
import { eachTestOpens } from '@fixtures/browser-suite';
import { createPageHarness } from '@fixtures/page-harness';
import type { ManagerProcess } from '@fixtures/manager-process';
import { describe, expect, it } from 'vitest';

const NAMES = ['Qwen3-Coder-30B-A3B-Instruct-4bit', 'gemma-3-12b-it-4bit', 'phi-4-4bit'] as const;
const SMALL = { width: 900, height: 600 } as const;

/** Copies of the built-in model under other names, the last with half its weights. */
async function addModels(manager: ManagerProcess): Promise<void> {
  const folder = join(manager.home.folder, 'my models');
  for (const name of NAMES) {
    await cp(join(manager.home.paths.home, 'models', 'demo'), join(folder, name), {
      recursive: true,
    });
  }
  await truncate(join(folder, NAMES[2], 'model.safetensors'), 100_000);
  await manager.json('model', 'add-folder', folder);
}

const harness = eachTestOpens(async (browser) => {
  const made = await createPageHarness(browser);
  await addModels(made.manager);
  return made;
});

const row = (name: string) => harness().page.getByRole('row', { name });
const inspector = (name: string) => harness().page.getByRole('region', { name: `Model ${name}` });

async function openModels(): Promise<void> {
  await harness().logIn();
  await harness().page.getByRole('link', { name: 'Models' }).click();
  await row(NAMES[0]).waitFor();
}

describe('the models screen', () => {
  it('shows details beside the table, hides them, and gives a small window all its width', async () => {
    const { page } = harness();
    await openModels();
    const findings = await photograph(page, 'models-several');
    await row(NAMES[1]).click();
    await inspector(NAMES[1]).waitFor();
    await page.getByRole('button', { name: 'Hide details' }).click();
    await inspector(NAMES[1]).waitFor({ state: 'hidden' });
    await page.getByRole('button', { name: 'Show details' }).click();
    await inspector(NAMES[1]).waitFor();
    await page.setViewportSize(SMALL);
    await inspector(NAMES[1]).waitFor({ state: 'hidden' });
    const table = await page.getByRole('grid', { name: 'Models' }).boundingBox();
    expect(table?.width).toBeGreaterThan(800);
    expect(findings).toEqual([]);
  });

  it('lays the details over the table of a small window, and works by keys alone', async () => {
    const { page, problems } = harness();
    await openModels();
    await page.setViewportSize(SMALL);
    const list = page.getByRole('grid', { name: 'Models' });
    await list.focus();
    await page.keyboard.press('Home');
    const first = await page.getByRole('row', { selected: true }).textContent();
    await page.keyboard.press('End');
    const last = await page.getByRole('row', { selected: true }).textContent();
    expect(last).not.toBe(first);
    await row(NAMES[2]).click();
    await inspector(NAMES[2]).waitFor();
    expect((await list.boundingBox())?.width).toBeGreaterThan(800);
    await page.keyboard.press('Escape');
    await inspector(NAMES[2]).waitFor({ state: 'hidden' });
    await page.keyboard.press('Enter');
    await inspector(NAMES[2]).waitFor();
    const findings = await photograph(page, 'models-details');
    await page.setViewportSize(SMALL);
    await page.getByRole('button', { name: 'Close details' }).click();
    await inspector(NAMES[2]).waitFor({ state: 'hidden' });
    expect(await list.evaluate((element) => element === document.activeElement)).toBe(true);
    expect(findings).toEqual([]);
    expect(problems).toEqual([]);
  });
});
