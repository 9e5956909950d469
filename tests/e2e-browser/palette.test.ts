import { photograph } from '@fixtures/browser';
import { eachTestOpens } from '@fixtures/browser-suite';
import { createPageHarness } from '@fixtures/page-harness';
import { describe, expect, it } from 'vitest';

const harness = eachTestOpens(async (browser) => {
  const made = await createPageHarness(browser);
  for (const name of ['Qwen3 8B', 'Phi 4']) await made.createProfile(name);
  await made.logIn();
  return made;
});

const palette = () => harness().page.getByRole('dialog', { name: 'Command palette' });
const group = (name: string) => palette().getByRole('group', { name });
const chosen = () => palette().getByRole('option', { selected: true });

async function openPalette(text = ''): Promise<void> {
  await harness().page.keyboard.press('ControlOrMeta+k');
  await palette().getByRole('combobox').fill(text);
}

describe('the command palette', () => {
  it('finds actions below headings, with what cannot act and why at the end', async () => {
    const { page, problems } = harness();
    await openPalette();
    const findings = await photograph(page, 'palette-all');
    await palette().getByRole('combobox').fill('st');
    await group('Servers').getByRole('option', { name: 'Start Phi 4' }).waitFor();
    const off = group('Not available now').getByRole('option', { name: 'Restart Phi 4' });
    await off.getByText('Not running').waitFor();
    expect(await off.getAttribute('aria-disabled')).toBe('true');
    findings.push(...(await photograph(page, 'palette-found')));
    for (let presses = 0; presses < 40; presses += 1) await page.keyboard.press('ArrowDown');
    expect(await palette().getByRole('option').last().getAttribute('aria-selected')).toBe('true');
    await page.keyboard.press('Enter');
    await palette().waitFor();
    findings.push(...(await photograph(page, 'palette-unavailable')));
    expect(findings).toEqual([]);
    expect(problems).toEqual([]);
  });

  it('goes through the groups by arrows in the order that is seen', async () => {
    const { page } = harness();
    await openPalette('models');
    const seen = await palette().getByRole('option').allTextContents();
    const walked: string[] = [];
    for (const _ of seen) {
      walked.push((await chosen().textContent()) ?? '');
      await page.keyboard.press('ArrowDown');
    }
    expect(walked).toEqual(seen);
    expect(seen.length).toBeGreaterThan(1);
  });

  it('runs, shows, and leaves the focus where it was', async () => {
    const { page, manager } = harness();
    const add = page.getByRole('button', { name: 'New profile' });
    await add.focus();
    await openPalette('nothing like this');
    await palette().getByText('No results for').waitFor();
    await page.keyboard.press('Escape');
    await palette().waitFor({ state: 'hidden' });
    expect(await add.evaluate((element) => element === document.activeElement)).toBe(true);
    await openPalette('install mlx');
    await page.keyboard.press('ControlOrMeta+Enter');
    await page.getByRole('heading', { name: 'Engines', level: 1 }).waitFor();
    expect(await manager.json('engine', 'list')).toMatchObject([]);
    await openPalette('log files per server');
    await page.keyboard.press('Enter');
    const field = page.getByLabel('Log files per server');
    await field.waitFor();
    expect(await field.evaluate((element) => element === document.activeElement)).toBe(true);
    await openPalette('dark');
    await page.keyboard.press('Enter');
    await palette().waitFor({ state: 'hidden' });
    await page.getByRole('radio', { name: 'Dark', checked: true }).waitFor();
    await openPalette('search for models');
    await page.keyboard.press('Enter');
    const search = page.getByRole('searchbox', { name: 'Search models' });
    await search.waitFor();
    await expect
      .poll(() => search.evaluate((element) => element === document.activeElement))
      .toBe(true);
  });

  it("reaches everything that a profile's menu does", async () => {
    const { page, manager } = harness();
    await openPalette('copy address phi');
    await page.keyboard.press('Enter');
    await palette().waitFor({ state: 'hidden' });
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    expect(copied).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/v1$/);
    await manager.registerEngine();
    await manager.json('start', 'Phi 4', '--wait');
    await openPalette('send test request phi');
    await page.keyboard.press('Enter');
    await page.getByText(/First token/).waitFor();
    await openPalette('delete qwen');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Delete Qwen3 8B?' }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('ControlOrMeta+6');
    await page.getByRole('heading', { name: 'Settings', level: 1 }).waitFor();
  });

  it('draws a screenful of rows with a hundred profiles, and says how many there are', async () => {
    const { page, manager } = harness();
    const client = await manager.client();
    for (let n = 0; n < 100; n++) {
      await client.call('profiles.create', { name: `Many ${n}`, model: 'demo', port: 30_000 + n });
    }
    await page.getByText('102 profiles').waitFor();
    await openPalette();
    expect(await palette().getByRole('option').count()).toBeLessThan(50);
    await palette().getByRole('combobox').fill('many');
    await palette()
      .getByText(/^First 50 of [\d,]+\. Keep typing to narrow the list\.$/)
      .waitFor();
    expect(await palette().getByRole('option').count()).toBe(50);
    expect(await photograph(page, 'palette-many')).toEqual([]);
  });
});
