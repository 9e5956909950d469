import { launchBrowser, logIn, openVisitor, photograph, type Visitor } from '@fixtures/browser';
import { type ManagerProcess, startManager } from '@fixtures/manager-process';
import type { Browser } from 'playwright';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

let browser: Browser;
let manager: ManagerProcess;
let visitor: Visitor;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

beforeEach(async () => {
  manager = await startManager({ offline: true });
  for (const name of ['Qwen3 8B', 'Phi 4']) {
    const port = String(await manager.home.freePort());
    await manager.json('profile', 'create', name, '--model', 'demo', '--port', port);
  }
  visitor = await openVisitor(browser);
  await logIn(visitor.page, manager.url, manager.token);
});
afterEach(async () => {
  await visitor.context.close();
  expect(await manager.close()).toBe(0);
});

const palette = () => visitor.page.getByRole('dialog', { name: 'Command palette' });
const group = (name: string) => palette().getByRole('group', { name });
const chosen = () => palette().getByRole('option', { selected: true });

async function openPalette(text = ''): Promise<void> {
  await visitor.page.keyboard.press('ControlOrMeta+k');
  await palette().getByRole('combobox').fill(text);
}

describe('the command palette', () => {
  it('finds actions below headings, with what cannot act and why at the end', async () => {
    const { page } = visitor;
    await openPalette();
    const findings = await photograph(page, 'palette-all');
    await palette().getByRole('combobox').fill('st');
    await group('Servers').getByRole('option', { name: 'Start Phi 4' }).waitFor();
    const off = group('Not available now').getByRole('option', { name: 'Restart Phi 4' });
    await off.getByText('it is not running').waitFor();
    expect(await off.getAttribute('aria-disabled')).toBe('true');
    findings.push(...(await photograph(page, 'palette-found')));
    for (let presses = 0; presses < 40; presses += 1) await page.keyboard.press('ArrowDown');
    expect(await palette().getByRole('option').last().getAttribute('aria-selected')).toBe('true');
    await page.keyboard.press('Enter');
    await palette().waitFor();
    findings.push(...(await photograph(page, 'palette-unavailable')));
    expect(findings).toEqual([]);
    expect(visitor.problems).toEqual([]);
  });

  it('goes through the groups by arrows in the order that is seen', async () => {
    const { page } = visitor;
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
    const { page } = visitor;
    const add = page.getByRole('button', { name: 'New profile' });
    await add.focus();
    await openPalette('nothing like this');
    await palette().getByText('Nothing is called').waitFor();
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
});
