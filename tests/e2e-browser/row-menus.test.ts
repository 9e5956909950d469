import { createDiscoverHarness } from '@fixtures/discover-harness';
import { modelRepo } from '@fixtures/download-harness';
import { photograph } from '@fixtures/browser';
import { browserSuite } from '@fixtures/browser-suite';
import { writeHashedModel } from '@fixtures/hashed-model';
import { createModelsHarness } from '@fixtures/models-harness';
import { createPageHarness } from '@fixtures/page-harness';
import type { Locator, Page } from 'playwright';
import { expect, it } from 'vitest';

// A right click on a row offers what the row's buttons and its details do. That of a server is in servers.test.ts.
const suite = browserSuite();

/** Opens the menu of a row, and gives its items. */
async function menuOf(page: Page, row: Locator): Promise<string[]> {
  await row.click({ button: 'right' });
  const items = page.getByRole('menu').getByRole('menuitem');
  await items.first().waitFor();
  return (await items.allInnerTexts()).map((text) => text.split('\n')[0] ?? '');
}

const choose = (page: Page, name: string): Promise<void> =>
  page.getByRole('menu').getByRole('menuitem', { name }).click();

it('a model: what its details offer, and what is refused is said', async () => {
  const harness = await suite.open((browser) =>
    createModelsHarness(browser, async ({ cache }) => {
      await writeHashedModel(cache, 'org/One-4bit');
      await writeHashedModel(cache, 'org/Two-4bit');
    }),
  );
  const { page, row, problems } = harness;
  await harness.show();
  const actions = ['New profile', 'Verify', 'Reveal', 'Copy path', 'Delete'];
  expect(await menuOf(page, row('One-4bit'))).toEqual(actions);
  const reveal = page.getByRole('menuitem', { name: 'Reveal' });
  expect(await reveal.getAttribute('aria-disabled')).toBe('true');
  const findings = await photograph(page, 'models-row-menu');
  if (!(await reveal.isVisible())) await menuOf(page, row('One-4bit'));
  await choose(page, 'Verify');
  await row('One-4bit').click();
  await harness
    .inspector('One-4bit')
    .getByText(/\d of \d verified/)
    .waitFor();
  await page.evaluate(() => {
    const writeText = (): Promise<void> => Promise.reject(new Error('Nothing may be copied.'));
    Object.defineProperty(navigator, 'clipboard', { value: { writeText } });
  });
  expect(await menuOf(page, row('One-4bit'))).toContain('Verify again');
  await choose(page, 'Copy path');
  await page.getByRole('alert').getByText('Nothing may be copied.').waitFor();
  expect(await menuOf(page, row('One-4bit'))).toContain('Delete');
  await choose(page, 'Delete');
  await row('One-4bit').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: /^Undo: Deleted One-4bit/ }).waitFor();
  await menuOf(page, row('Two-4bit'));
  await choose(page, 'New profile');
  await page.waitForURL(/#\/servers\/new\?model=/);
  expect(findings).toEqual([]);
  expect(problems).toEqual([]);
});

it('a model of the hub and its download: get it, pause it, go on, change places, cancel', async () => {
  const ref = (name: string): string => `mlx-community/${name}-4bit`;
  const repos = await Promise.all(
    ['One', 'Two'].map((name) => modelRepo(ref(name), { weights: 20_000_000 })),
  );
  const harness = await suite.open(async (browser) => {
    const made = await createDiscoverHarness(browser, repos);
    made.hub.bytesPerSecond = 300_000;
    return made;
  });
  const { page, row, problems } = harness;
  await harness.open('One-4bit');
  expect(await menuOf(page, row('One-4bit'))).toEqual(['Download', 'Show details']);
  await choose(page, 'Download');
  await row('One-4bit').getByRole('button', { name: 'Pause' }).waitFor();
  await menuOf(page, row('Two-4bit'));
  await choose(page, 'Download');
  await row('Two-4bit').getByRole('button', { name: 'Pause' }).waitFor();
  await menuOf(page, row('Two-4bit'));
  await choose(page, 'Pause download');
  await row('Two-4bit').getByRole('button', { name: 'Resume' }).waitFor();
  await page.getByRole('button', { name: /^Downloads/ }).click();
  const list = page.getByRole('list', { name: 'Downloads' });
  const entry = (name: string) => list.getByRole('listitem').filter({ hasText: name });
  expect(await menuOf(page, entry('Two-4bit'))).toEqual([
    'Resume download',
    expect.stringMatching(/^Cancel download/),
    'Move up',
    'Move down',
  ]);
  await choose(page, 'Move up');
  await list.getByRole('listitem').first().getByText('Two-4bit').waitFor();
  await menuOf(page, entry('One-4bit'));
  await choose(page, 'Cancel download…');
  await page.getByRole('button', { name: 'Cancel download', exact: true }).click();
  await entry('One-4bit').waitFor({ state: 'detached' });
  expect(problems).toEqual([]);
});

it('an installation of an engine: what its button offers', async () => {
  const harness = await suite.open((browser) => createPageHarness(browser));
  const { page, manager, problems } = harness;
  await manager.registerEngine();
  await harness.logIn();
  await page.getByRole('link', { name: 'Engines' }).click();
  const table = page.getByRole('table', { name: 'Installations' });
  const row = table.getByRole('row').nth(1);
  const actions = await menuOf(page, row);
  expect(actions).toContain('Run the self-test');
  expect(actions.at(-1)).toBe('Remove…');
  await choose(page, 'Remove…');
  await page
    .getByRole('button', { name: /^Remove / })
    .last()
    .waitFor();
  expect(problems).toEqual([]);
});
