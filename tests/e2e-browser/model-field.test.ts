import { truncate } from 'node:fs/promises';
import path from 'node:path';

import { photograph } from '@fixtures/browser';
import { browserSuite } from '@fixtures/browser-suite';
import { safetensorsFile, writeModel } from '@fixtures/model-files';
import { createModelsHarness, type ModelsHarness } from '@fixtures/models-harness';
import { mainThreadTasks, sumOf } from '@fixtures/page-work';
import { expect, it } from 'vitest';

const suite = browserSuite();

/** So many models in the folder of LM Studio, the last of them cut. */
function openWith(count: number): Promise<ModelsHarness> {
  return suite.open((browser) =>
    createModelsHarness(browser, async ({ lmStudio }) => {
      for (let index = 0; index < count; index += 1) {
        const name = `Model-${String(index).padStart(4, '0')}-of-a-rather-long-name-4bit`;
        const folder = path.join(lmStudio, 'org', name);
        await writeModel(folder, { 'model.safetensors': safetensorsFile(400 + index) });
        if (index === count - 1) await truncate(path.join(folder, 'model.safetensors'), 100);
      }
    }),
  );
}

it('finds a model by typing, goes by keys, and leaves the form open on Esc', async () => {
  const harness = await openWith(40);
  const { page, problems } = harness;
  await harness.logIn();
  await page.getByRole('link', { name: 'Servers' }).click();
  await page.goto(`${page.url().split('#')[0]}#/servers/new`);
  const field = page.getByRole('combobox', { name: 'Model', exact: true });
  const list = page.getByRole('listbox', { name: 'Models' });
  expect(await field.getAttribute('aria-expanded')).toBe('false');
  await field.click();
  expect(await field.getAttribute('aria-expanded')).toBe('true');
  await list.getByText('On this machine').waitFor();
  expect(await photograph(page, 'model-field')).toEqual([]);
  await field.fill('0039');
  const last = list.getByRole('option');
  expect(await last.count()).toBe(1);
  expect(await last.getAttribute('aria-disabled')).toBe('true');
  await list.getByText('Cannot be chosen now').waitFor();
  await list
    .getByText(/^(Incomplete|Damaged)/)
    .first()
    .waitFor();
  // What cannot be chosen is not, and the list stays.
  await page.keyboard.press('Enter');
  expect(await field.getAttribute('aria-expanded')).toBe('true');
  await field.fill('lm studio 00');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  const active = await field.getAttribute('aria-activedescendant');
  const named = page.locator(`[id="${active}"]`);
  expect(await named.getAttribute('aria-selected')).toBe('true');
  expect(await named.textContent()).toContain('Model-0002');
  await page.keyboard.press('Escape');
  await list.waitFor({ state: 'detached' });
  await page.getByRole('heading', { name: 'New profile' }).waitFor();
  expect(await field.inputValue()).toBe('');
  await field.fill('0002');
  await page.keyboard.press('Enter');
  await list.waitFor({ state: 'detached' });
  expect(await field.inputValue()).toBe('Model-0002-of-a-rather-long-name-4bit');
  await page.keyboard.press('ArrowDown');
  await list.getByRole('option', { selected: true }).getByLabel('Chosen').waitFor();
  await page.keyboard.press('Tab');
  await list.waitFor({ state: 'detached' });
  await field.fill('nothing like it');
  await page.getByText('Nothing is called “nothing like it”.').waitFor();
  await page.keyboard.press('Escape');
  expect(problems).toEqual([]);
});

it('opens with a thousand models in no time, and keeps memory and command in view', async () => {
  const harness = await openWith(1000);
  const { page } = harness;
  await harness.show();
  await page.getByText(/^1,001 models, /).waitFor();
  await page.goto(`${page.url().split('#')[0]}#/servers/new`);
  const field = page.getByRole('combobox', { name: 'Model', exact: true });
  const options = page.getByRole('listbox', { name: 'Models' }).getByRole('option');
  await field.waitFor();
  const tasks = await mainThreadTasks(page, async () => {
    await field.press('ArrowDown');
    await options.first().waitFor();
  });
  console.log('the list of 1,000 models, ms:', sumOf(tasks).toFixed(0));
  expect(await options.count()).toBeLessThan(40);
  expect(sumOf(tasks)).toBeLessThan(100);
  await field.fill('0999');
  await options.filter({ hasText: '0999' }).waitFor();
  await field.fill('0500');
  await options.filter({ hasText: '0500' }).waitFor();
  await page.keyboard.press('Enter');
  for (const viewport of [
    { width: 1440, height: 900 },
    { width: 1100, height: 700 },
  ]) {
    await page.setViewportSize(viewport);
    await page.getByRole('button', { name: /^Environment/ }).scrollIntoViewIfNeeded();
    for (const name of ['Memory', 'Command']) {
      const box = await page.getByRole('complementary', { name }).boundingBox();
      expect(box?.y, `${name} at ${viewport.width}`).toBeGreaterThanOrEqual(50);
      expect((box?.y ?? 0) + Math.min(box?.height ?? 0, 60)).toBeLessThanOrEqual(viewport.height);
    }
  }
});
