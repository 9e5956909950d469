import { photograph } from '@fixtures/browser';
import { browserSuite } from '@fixtures/browser-suite';
import { createPageHarness, type PageHarness } from '@fixtures/page-harness';
import type { Page } from 'playwright';
import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';

const suite = browserSuite();
const Shown = z.object({
  name: z.string(),
  port: z.number(),
  options: z.record(z.string(), z.unknown()),
});

let harness: PageHarness;
let page: Page;
beforeEach(async () => {
  harness = await suite.open(createPageHarness);
  page = harness.page;
  await harness.manager.registerEngine();
  for (const name of ['Amber', 'Birch']) await harness.createProfile(name);
  await harness.logIn();
});

const profile = async () => Shown.parse(await harness.manager.json('profile', 'show', 'Amber'));

async function openSettings(at: Page, name: string): Promise<void> {
  await at.getByRole('list', { name: 'Profiles' }).getByText(name, { exact: true }).click();
  await at.getByRole('tab', { name: 'Settings' }).click();
  await at.getByLabel('Loading timeout').waitFor();
}

/** Another window of the same person on the same manager. */
async function otherWindow(): Promise<Page> {
  const other = await harness.visitor.context.newPage();
  await other.goto(page.url().split('#')[0] ?? '');
  await other.getByRole('navigation', { name: 'Screens' }).waitFor();
  return other;
}

const temperature = (at: Page) => at.getByLabel('Temperature', { exact: true });
const maxTokens = (at: Page) => at.getByLabel(/^Max(imum)? tokens$/);
const save = (at: Page) => at.getByRole('button', { name: 'Save', exact: true });

describe('two windows on one profile', () => {
  it('each save what they changed, and wipe nothing of the other', async () => {
    const other = await otherWindow();
    await openSettings(page, 'Amber');
    await openSettings(other, 'Amber');
    await temperature(page).fill('0.3');
    await maxTokens(other).fill('77');
    await save(other).click();
    await other.getByText('Saved', { exact: true }).waitFor();
    await save(page).click();
    await page.getByText('Saved', { exact: true }).waitFor();
    expect((await profile()).options).toMatchObject({ temperature: 0.3, 'max-tokens': 77 });
    expect(await maxTokens(page).inputValue()).toBe('77');
  });

  it('are told of the same field changed in both, with both values and the choice', async () => {
    await openSettings(page, 'Amber');
    await temperature(page).fill('0.3');
    await harness.manager.json('profile', 'edit', 'Amber', '--set', 'temperature=0.9');
    const conflict = page.getByRole('alert').filter({ hasText: 'changed elsewhere' });
    await conflict.getByText('0.9').waitFor();
    await conflict.getByText('0.3').waitFor();
    expect(await save(page).getAttribute('aria-disabled')).toBe('true');
    expect(await photograph(page, 'draft-conflict')).toEqual([]);
    await page.getByRole('button', { name: 'Keep mine: The option temperature' }).click();
    await save(page).click();
    await page.getByText('Saved', { exact: true }).waitFor();
    expect((await profile()).options).toMatchObject({ temperature: 0.3 });

    await temperature(page).fill('0.4');
    await harness.manager.json('profile', 'edit', 'Amber', '--set', 'temperature=0.8');
    await page.getByRole('button', { name: 'Keep saved: The option temperature' }).click();
    await page.getByText('Saved', { exact: true }).waitFor();
    expect(await temperature(page).inputValue()).toBe('0.8');
  });
});

describe('what was typed and not saved', () => {
  const servers = () => page.getByRole('link', { name: /^Servers/ });

  it('is kept over tabs, rows, screens and a reload, marked, and taken back by Revert', async () => {
    await openSettings(page, 'Amber');
    await page.getByLabel('Name', { exact: true }).fill('Amber two');
    await page.getByRole('tab', { name: 'Logs' }).click();
    await page.getByRole('tab', { name: 'Settings unsaved changes' }).waitFor();
    await harness
      .serverRow('Birch')
      .getByRole('button', { name: /^Birch/ })
      .click();
    await harness.serverRow('Amber').getByText('unsaved changes').waitFor();
    expect(await photograph(page, 'draft-marks')).toEqual([]);
    await page.getByRole('link', { name: /^Models/ }).click();
    await page.reload();
    await expect.poll(() => servers().textContent()).toContain('unsaved changes');
    await servers().click();
    await openSettings(page, 'Amber');
    expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('Amber two');
    expect((await profile()).name).toBe('Amber');
    await page.getByRole('button', { name: 'Revert' }).click();
    expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('Amber');
    await expect.poll(() => servers().textContent()).not.toContain('unsaved changes');
  });

  it('goes with its profile', async () => {
    await openSettings(page, 'Amber');
    await page.getByLabel('Name', { exact: true }).fill('Amber two');
    await expect.poll(() => servers().textContent()).toContain('unsaved changes');
    await harness.manager.json('profile', 'delete', 'Amber');
    await expect.poll(() => servers().textContent()).not.toContain('unsaved changes');
  });

  it('of a new profile waits in its row until it is created or canceled', async () => {
    await page.getByRole('button', { name: 'New profile' }).click();
    const name = page.getByLabel('Name', { exact: true });
    await expect
      .poll(() => name.evaluate((element) => element === document.activeElement))
      .toBe(true);
    await name.fill('Cedar');
    await page.getByRole('link', { name: /^Models/ }).click();
    await page.reload();
    await servers().click();
    await harness.serverRow('New profile, unsaved').getByRole('button').first().click();
    expect(await name.inputValue()).toBe('Cedar');
    await name.press('Escape');
    await harness.serverRow('Cedar').waitFor({ state: 'hidden' });
    await expect.poll(() => servers().textContent()).not.toContain('unsaved changes');
  });
});

describe('a setting that two change', () => {
  it('keeps what is being typed, says both values, and leaves the choice', async () => {
    await page.goto(`${page.url().split('#')[0]}#/settings?field=unusedDays`);
    const field = page.getByRole('textbox', { name: 'Mark as unused after' });
    await field.fill('60');
    await harness.manager.json('settings', 'set', 'unusedDays', '90');
    await page.getByRole('button', { name: /Reset to default: Mark as unused/ }).waitFor();
    expect(await field.inputValue()).toBe('60');
    await field.press('Enter');
    await page.getByText(/was changed elsewhere to 90; yours, 60, wasn't saved/).waitFor();
    expect(await photograph(page, 'setting-conflict')).toEqual([]);
    await page.getByRole('button', { name: 'Save 60' }).click();
    await expect.poll(() => harness.manager.json('settings', 'get', 'unusedDays')).toBe(60);
  });
});
