import { eachTestOpens } from '@fixtures/browser-suite';
import { modelRepo } from '@fixtures/download-harness';
import { writeHashedModel } from '@fixtures/hashed-model';
import { createModelsHarness } from '@fixtures/models-harness';
import type { Locator } from 'playwright';
import { expect, it } from 'vitest';

const REPOS = ['One', 'Two', ...Array.from({ length: 14 }, (_, index) => `No-${index}`)].map(
  (name) => `mlx-community/Find-${name}-4bit`,
);
const harness = eachTestOpens(async (browser) =>
  createModelsHarness(
    browser,
    async ({ cache }) => {
      for (let index = 10; index < 50; index += 1) {
        await writeHashedModel(cache, `org/Model-${index}-4bit`);
      }
    },
    await Promise.all(
      REPOS.map((ref, index) =>
        modelRepo(ref, { weights: 20_000, facts: { downloads: 100 - index } }),
      ),
    ),
  ),
);

const SIZES = [
  { width: 1440, height: 900 },
  { width: 1100, height: 700 },
  { width: 900, height: 600 },
] as const;

/** What of a control's focus ring (2 px, 2 px away) or of its border lies outside of what its parents let be seen. */
function clipped(controls: Locator): Promise<string[]> {
  return controls.evaluateAll((elements) => {
    const RING = 4;
    const found: string[] = [];
    for (const element of elements) {
      const box = element.getBoundingClientRect();
      if (box.width === 0) continue;
      for (let parent = element.parentElement; parent; parent = parent.parentElement) {
        const { overflowX, overflowY } = getComputedStyle(parent);
        const edge = parent.getBoundingClientRect();
        const isX =
          overflowX !== 'visible' && (box.left - RING < edge.left || box.right + RING > edge.right);
        const isY =
          overflowY !== 'visible' && (box.top - RING < edge.top || box.bottom + RING > edge.bottom);
        if (isX || isY) found.push(`${element.getAttribute('aria-label') ?? element.textContent}`);
      }
    }
    return found;
  });
}

it('shows the details of what is clicked over the table of a small window, in Models and in Discover', async () => {
  const { page } = harness();
  await harness().show();
  for (const size of SIZES.slice(1)) {
    await page.setViewportSize(size);
    await page.getByRole('link', { name: 'Models' }).click();
    await harness().row('Model-10-4bit').click();
    await harness().inspector('Model-10-4bit').waitFor();
    await page.keyboard.press('Escape');
    await harness().inspector('Model-10-4bit').waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'Discover' }).click();
    await harness().row('Find-Two-4bit').click();
    await harness().inspector('Find-Two-4bit').waitFor();
    await page.keyboard.press('Escape');
    await harness().inspector('Find-Two-4bit').waitFor({ state: 'detached' });
  }
});

it('cuts no border and no focus ring of the filters, and keeps the heads of the columns', async () => {
  const { page } = harness();
  await harness().show();
  for (const size of SIZES) {
    await page.setViewportSize(size);
    await page.getByRole('link', { name: 'Models' }).click();
    await page.getByRole('combobox', { name: 'Folder' }).waitFor();
    const controls = page.locator('main').locator('select, input, [role=radio]');
    expect(await clipped(controls), `Models at ${size.width}`).toEqual([]);
    const head = page.getByRole('columnheader', { name: 'State' });
    const before = await head.boundingBox();
    await page.getByRole('grid', { name: 'Models' }).press('End');
    await harness().row('Model-49-4bit').waitFor();
    expect(await head.boundingBox()).toEqual(before);
    await page.getByRole('link', { name: 'Discover' }).click();
    await harness().row('Find-One-4bit').waitFor();
    expect(await clipped(controls), `Discover at ${size.width}`).toEqual([]);
    const find = page.getByRole('columnheader', { name: 'Model' });
    await page.getByRole('grid', { name: 'Hugging Face models' }).press('End');
    await harness().row('Find-No-13-4bit').waitFor();
    await expect.poll(async () => (await find.boundingBox())?.y).toBeGreaterThanOrEqual(50);
    expect((await find.boundingBox())?.y).toBeLessThan(150);
  }
});

it('keeps the heads of the installations and of the files where a long page scrolls', async () => {
  const { page, manager } = harness();
  await manager.registerEngine();
  await harness().show();
  const position = (locator: Locator) =>
    locator.evaluate((element) => getComputedStyle(element).position);
  await page.getByRole('link', { name: 'Discover' }).click();
  await harness().row('Find-One-4bit').click();
  const files = harness().inspector('Find-One-4bit').getByRole('heading', { name: 'Files' });
  expect(await position(files.locator('..'))).toBe('sticky');
  await page.getByRole('link', { name: 'Engines' }).click();
  const heads = page.getByRole('table', { name: 'Installations' }).getByRole('columnheader');
  expect(await position(heads.first())).toBe('sticky');
});
