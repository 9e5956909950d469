import { photograph } from '@fixtures/browser';
import { browserSuite } from '@fixtures/browser-suite';
import { createDiscoverHarness, type DiscoverHarness } from '@fixtures/discover-harness';
import { modelRepo } from '@fixtures/download-harness';
import type { HubRepo } from '@fixtures/fake-hub/repos';
import { beforeAll, expect, it } from 'vitest';

const REF = 'meta/Llama-4-Scout-17B-16E';

const suite = browserSuite();
let repos: readonly HubRepo[];

beforeAll(async () => {
  repos = await Promise.all([
    modelRepo('mlx-community/Open-4bit', { facts: { downloads: 500 } }),
    modelRepo(REF, { facts: { downloads: 92, gated: 'auto', licence: 'llama4' } }),
  ]);
});

const open = (env: Readonly<Record<string, string>> = {}): Promise<DiscoverHarness> =>
  suite.open((browser) => createDiscoverHarness(browser, repos, env));

it('leads through token and acceptance to the download, one step after the other', async () => {
  const harness = await open();
  const { page, row, inspector, hub } = harness;
  await harness.open('Scout');
  // In a small window the details are there when they were opened there.
  await page.setViewportSize({ width: 900, height: 600 });
  await page.getByRole('button', { name: `Request access to ${REF}` }).click();
  const details = inspector('Llama-4-Scout-17B-16E');
  await details.getByText('Finish steps 1 and 2 first').waitFor();
  expect(await photograph(page, 'discover-gated-no-token')).toEqual([]);

  await details.getByRole('button', { name: 'Set token…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Token', { exact: true }).fill('hf_wrong');
  await dialog.getByRole('button', { name: 'Save token' }).click();
  await dialog.getByText(/rejected this token/).waitFor();
  expect(await dialog.getByLabel('Token', { exact: true }).getAttribute('type')).toBe('password');
  await dialog.getByLabel('Token', { exact: true }).fill('hf_good');
  await page.keyboard.press('Enter');
  await dialog.waitFor({ state: 'hidden' });

  await details.getByText(/^User mara, stored in/).waitFor();
  await details.getByText('Checked again when you come back to this window').waitFor();
  expect(await photograph(page, 'discover-gated-token')).toEqual([]);
  const link = details.getByRole('link', { name: 'Open page' });
  expect(await link.getAttribute('href')).toBe(`${hub.url}/${REF}`);

  hub.approved.add(`mara ${REF}`);
  await page.evaluate(() => window.dispatchEvent(new Event('focus')));
  await details.getByRole('button', { name: 'Download Llama-4-Scout-17B-16E' }).click();
  await row('Scout').getByText('On this machine').waitFor();
  expect(await photograph(page, 'discover-gated-done')).toEqual([]);
});

it('takes the token of the environment, and says that it cannot be changed here', async () => {
  const harness = await open({ HF_TOKEN: 'hf_good' });
  const { page, inspector, row } = harness;
  await harness.open('Scout');
  await row('Scout').click();
  const details = inspector('Llama-4-Scout-17B-16E');
  await details.getByText('User mara, from HF_TOKEN').waitFor();
  const change = details.getByRole('button', { name: 'Change token…' });
  expect(await change.getAttribute('aria-disabled')).toBe('true');
  expect(await change.getAttribute('aria-description')).toMatch(/HF_TOKEN in the environment/);
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByText('User mara, from HF_TOKEN').waitFor();
});

it('a token that the hub has forgotten is named, with the way to set another', async () => {
  const harness = await open({ HF_TOKEN: 'hf_revoked' });
  const { page } = harness;
  await harness.open();
  await page
    .getByRole('alert')
    .getByText(/rejected this token/)
    .waitFor();
  const fix = page.getByRole('button', { name: 'Set a token…' });
  expect(await fix.getAttribute('aria-description')).toMatch(/HF_TOKEN/);
});

it('the token is set, shown and cleared in the settings', async () => {
  const harness = await open();
  const { page } = harness;
  await harness.open('Scout');
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('button', { name: 'Set token…' }).click();
  const token = page.getByRole('dialog').getByLabel('Token', { exact: true });
  await token.fill('hf_wrong');
  await page.getByRole('button', { name: 'Save token' }).click();
  await page
    .getByRole('dialog')
    .getByText(/rejected this token/)
    .waitFor();
  expect(await photograph(page, 'discover-token-wrong')).toEqual([]);
  await token.fill('hf_good');
  await page.getByRole('button', { name: 'Save token' }).click();
  await page.getByText(/^User mara, stored in a file/).waitFor();
  await page.getByRole('button', { name: 'Clear token' }).click();
  await page.getByText(/^None\. Public models/).waitFor();
});
