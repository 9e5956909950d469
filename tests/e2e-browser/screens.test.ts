import { photograph } from '@fixtures/browser';
import { eachTestOpens } from '@fixtures/browser-suite';
import { createPageHarness, type PageHarness } from '@fixtures/page-harness';
import { describe, expect, it } from 'vitest';

const SCREENS = ['Servers', 'Models', 'Engines', 'Settings'] as const;
const TABS = ['Overview', 'Logs', 'Metrics', 'Command', 'Settings'] as const;

const harness = eachTestOpens(createPageHarness);

const screenLink = (name: string) =>
  harness().page.getByRole('navigation', { name: 'Screens' }).getByRole('link', { name });

const row = (name: string) => harness().serverRow(name);
const createProfile: PageHarness['createProfile'] = (...of) => harness().createProfile(...of);
describe('every screen', () => {
  it('is clean before the login, and says what is wrong with a token', async () => {
    const { page, manager } = harness();
    await page.goto(manager.url);
    await page.getByLabel('Token', { exact: true }).waitFor();
    const findings = await photograph(page, 'login-empty');
    await page.getByLabel('Token', { exact: true }).fill('not-the-token');
    await page.getByRole('button', { name: 'Open' }).click();
    await page.locator('[aria-invalid="true"]').waitFor();
    expect([...findings, ...(await photograph(page, 'login-broken'))]).toEqual([]);
  });

  it('is clean and teaches while there is nothing', async () => {
    const { page, problems } = harness();
    await harness().logIn();
    const findings: string[] = [];
    for (const name of SCREENS) {
      await screenLink(name).click();
      findings.push(...(await photograph(page, `${name.toLowerCase()}-empty`)));
    }
    expect(findings).toEqual([]);
    expect(problems).toEqual([]);
  });

  it('is clean while servers load, run and fail', async () => {
    const { page, manager, problems } = harness();
    await manager.registerEngine();
    await createProfile('Ready one');
    await createProfile('Loads slowly', { LOAD_MS: 600_000 });
    await createProfile('Broken', { FAIL: 'unsupported_architecture' });
    await createProfile('Stopped');
    await manager.json('start', 'Ready one', '--wait');
    await manager.json('start', 'Loads slowly');
    expect((await manager.run('start', 'Broken', '--wait', '--json')).code).toBe(1);
    await harness().logIn();
    const findings: string[] = [];
    const tour = [
      ['Ready one', 'busy'],
      ['Loads slowly', 'loading'],
      ['Broken', 'broken'],
    ] as const;
    for (const [name, kind] of tour) {
      await row(name).getByRole('button').first().click();
      await page.getByRole('heading', { name, level: 2 }).waitFor();
      for (const tab of TABS) {
        await page.getByRole('tab', { name: tab }).click();
        await page.getByRole('tabpanel', { name: tab }).waitFor();
        findings.push(...(await photograph(page, `server-${tab.toLowerCase()}-${kind}`)));
      }
    }
    for (const name of SCREENS.slice(1)) {
      await screenLink(name).click();
      findings.push(...(await photograph(page, `${name.toLowerCase()}-busy`)));
    }
    expect(findings).toEqual([]);
    expect(problems).toEqual([]);
  }, 300_000);

  it('is clean in the form, the palette and the dialog', async () => {
    const { page, manager, problems } = harness();
    await manager.registerEngine();
    const port = await createProfile('Taken');
    await harness().logIn();
    await page.getByRole('button', { name: 'New profile' }).click();
    await page.getByRole('heading', { name: 'New profile' }).waitFor();
    const findings = await photograph(page, 'new-profile-empty');
    await page.getByLabel('Model', { exact: true }).selectOption('demo');
    await page.getByLabel('Name', { exact: true }).fill('New one');
    await page.getByLabel('Port', { exact: true }).fill(String(port));
    await page.getByText(`Port ${port} is used by the profile Taken.`).waitFor();
    findings.push(...(await photograph(page, 'new-profile-broken')));
    await page.keyboard.press('ControlOrMeta+k');
    await page.getByRole('dialog').waitFor();
    findings.push(...(await photograph(page, 'palette')));
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Cancel' }).click();
    await row('Taken').getByRole('button').first().click();
    await page.getByRole('button', { name: 'More for Taken' }).click();
    findings.push(...(await photograph(page, 'server-menu')));
    await page.getByRole('menuitem', { name: 'Delete…' }).click();
    await page.getByRole('dialog').or(page.getByRole('alertdialog')).waitFor();
    findings.push(...(await photograph(page, 'delete-profile')));
    expect(findings).toEqual([]);
    expect(problems).toEqual([]);
  });
});
