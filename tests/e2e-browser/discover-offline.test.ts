import { photograph } from '@fixtures/browser';
import { browserSuite } from '@fixtures/browser-suite';
import { createDiscoverHarness, type DiscoverHarness } from '@fixtures/discover-harness';
import { modelRepo } from '@fixtures/download-harness';
import { type FakeHub, startFakeHub } from '@fixtures/fake-hub/hub';
import type { HubRepo } from '@fixtures/fake-hub/repos';
import { beforeAll, expect, it } from 'vitest';

const suite = browserSuite();
let repos: readonly HubRepo[];

beforeAll(async () => {
  repos = [await modelRepo('mlx-community/Qwen3-4bit', { facts: { downloads: 5 } })];
});

const open = (env: Readonly<Record<string, string>> = {}): Promise<DiscoverHarness> =>
  suite.open((browser) => createDiscoverHarness(browser, repos, env));

it('without a network says since when, shows what is here, and is back by itself', async () => {
  const harness = await open();
  const { page, hub, row } = harness;
  await hub.close();
  await harness.open();
  await page.getByText(/^Can’t reach 127\.0\.0\.1:\d+ since \d\d:\d\d$/).waitFor();
  await page.getByText(/Everything on this machine still works/).waitFor();
  const local = page.getByRole('region', { name: 'Models on this machine' });
  await local.getByText('On this machine, 1 model').waitFor();
  expect(await photograph(page, 'discover-offline')).toEqual([]);
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('button', { name: 'Try again' }).waitFor();
  const port = Number(new URL(hub.url).port);
  const back: FakeHub = await startFakeHub({ repos, port });
  try {
    // Nobody presses anything.
    await row('Qwen3-4bit').waitFor();
    await local.waitFor({ state: 'hidden' });
  } finally {
    await back.close();
  }
});

it('names a network that is not there', async () => {
  const harness = await open({ HF_ENDPOINT: 'http://hub.invalid' });
  await harness.open();
  await harness.page.getByText(/^No network since \d\d:\d\d$/).waitFor();
});

it('says when the hub wants fewer questions, and asks again when told to', async () => {
  const harness = await open();
  const { page, hub, row } = harness;
  hub.plan = ({ kind }) =>
    kind === 'api' ? { kind: 'answer', status: 429, headers: { 'retry-after': '17' } } : undefined;
  await harness.open();
  await page
    .getByRole('alert')
    .getByText(/Try again in 17 s/)
    .waitFor();
  hub.plan = () => undefined;
  await page.getByRole('button', { name: 'Try again' }).click();
  await row('Qwen3-4bit').waitFor();
});
