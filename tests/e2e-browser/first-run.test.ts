import { photograph } from '@fixtures/browser';
import { eachTestOpens } from '@fixtures/browser-suite';
import { createDiscoverHarness } from '@fixtures/discover-harness';
import { modelRepo } from '@fixtures/download-harness';
import type { HubRepo } from '@fixtures/fake-hub/repos';
import { beforeAll, expect, it } from 'vitest';

const QWEN = 'mlx-community/Qwen3-8B-4bit';

let repos: readonly HubRepo[];

beforeAll(async () => {
  repos = await Promise.all([
    modelRepo(QWEN, { weights: 40_000_000 }),
    modelRepo('mlx-community/Llama-3.2-3B-Instruct-4bit', { weights: 18_000_000 }),
    modelRepo('mlx-community/gemma-3-12b-it-4bit', { weights: 75_000_000 }),
  ]);
});

const harness = eachTestOpens((browser) => createDiscoverHarness(browser, repos));

const choice = (name: RegExp) => harness().page.getByRole('radio', { name });
const start = () => harness().page.getByRole('button', { name: 'Start server' });

it('offers three models that fit, fetches one beside the engine, and starts it', async () => {
  const { page } = harness();
  harness().hub.bytesPerSecond = 2_000_000;
  await harness().logIn();
  await choice(/^Qwen3 8B Suggested/).waitFor();
  expect(await choice(/^Qwen3 8B/).isChecked()).toBe(true);
  await choice(/^Llama 3.2 3B/).waitFor();
  await choice(/^Gemma 3 12B/).waitFor();
  await page.getByText('Finish steps 1 and 2 first').waitFor();
  const findings = await photograph(page, 'first-run-models');
  await page.getByRole('button', { name: /^Download 40(\.\d)? MB$/ }).click();
  await page.getByRole('progressbar', { name: `Download of ${QWEN}` }).waitFor();
  findings.push(...(await photograph(page, 'first-run-downloading')));
  await page.getByRole('button', { name: `Pause ${QWEN}` }).click();
  await page.getByText(/^Paused at/).waitFor();
  await page.getByRole('button', { name: `Resume ${QWEN}` }).click();
  await page.getByRole('button', { name: `Pause ${QWEN}` }).waitFor();
  // The page and the manager end in the middle: the step shows where it is.
  await harness().crash();
  await harness().logIn();
  await page.getByRole('progressbar', { name: `Download of ${QWEN}` }).waitFor();
  expect(await choice(/^Qwen3 8B/).isChecked()).toBe(true);
  harness().hub.bytesPerSecond = undefined;
  await page.getByText('Waits for step 1', { exact: true }).waitFor();
  await harness().manager.registerEngine();
  await page.waitForFunction(() =>
    [...document.querySelectorAll('button')].some(
      (one) => one.textContent === 'Start server' && one.ariaDisabled !== 'true' && !one.disabled,
    ),
  );
  findings.push(...(await photograph(page, 'first-run-ready')));
  await start().click();
  await page.getByRole('heading', { name: 'Qwen3 8B', level: 2 }).waitFor();
  expect(await harness().manager.json('profile', 'list')).toMatchObject([
    { name: 'Qwen3 8B', model: QWEN },
  ]);
  expect(findings).toEqual([]);
});

it('without the hub offers what is here, and asks again', async () => {
  const { page } = harness();
  harness().hub.plan = () => ({ kind: 'answer', status: 503 });
  await harness().logIn();
  await page.getByText(/is having problems/).waitFor();
  await choice(/^Built-in test model/).waitFor();
  expect(await choice(/^Built-in test model/).isChecked()).toBe(true);
  await page.getByText('Waits for step 1', { exact: true }).waitFor();
  expect(await photograph(page, 'first-run-broken')).toEqual([]);
  harness().hub.plan = () => undefined;
  await page.getByRole('button', { name: 'Try again' }).click();
  await choice(/^Qwen3 8B/).waitFor();
  await page.getByRole('button', { name: 'Use one of 1 on disk…' }).click();
  await choice(/^Built-in test model/).click();
  await page.getByText('Waits for step 1', { exact: true }).waitFor();
});
