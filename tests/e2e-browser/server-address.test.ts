import { photograph } from '@fixtures/browser';
import { eachTestOpens } from '@fixtures/browser-suite';
import { createPageHarness } from '@fixtures/page-harness';
import { expect, it } from 'vitest';

const harness = eachTestOpens(async (browser) => {
  const made = await createPageHarness(browser, { gatewayPort: 0 });
  await made.manager.registerEngine();
  return made;
});

it("tells the gateway's address with the profile's name, and its own where the gateway is off", async () => {
  const { page, manager, problems } = harness();
  const port = await harness().createProfile('Qwen 3');
  const own = `http://127.0.0.1:${port}/v1`;
  const client = await manager.client();
  const { url } = await client.call('gateway.status');
  await harness().logIn();
  await page.getByRole('button', { name: /^Qwen 3/ }).click();
  const value = (label: string) =>
    page.getByRole('term').filter({ hasText: label }).locator('xpath=../dd');
  const codes = () => value('Address').locator('code').allInnerTexts();
  await value('Address').getByText(`${url}/v1`, { exact: true }).waitFor();
  expect(await codes()).toEqual([`${url}/v1`, 'Qwen 3', own]);
  const findings = await photograph(page, 'server-address');
  // A manager started with --gateway-port takes whether it listens from the settings.
  await client.call('settings.set', { key: 'gatewayEnabled', value: false });
  await value('Address').getByText('or directly at').waitFor({ state: 'detached' });
  expect(await codes()).toEqual([own]);
  expect(findings).toEqual([]);
  expect(problems).toEqual([]);
});
