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

const harness = eachTestOpens((browser) =>
  createDiscoverHarness(browser, repos, {}, { gatewayPort: 0 }),
);

const choice = (name: RegExp) => harness().page.getByRole('radio', { name });
const start = () => harness().page.getByRole('button', { name: 'Start server' });
const bySteps = () => harness().page.getByRole('button', { name: 'Go step by step' }).click();

it('offers three models that fit, fetches one beside the engine, and starts it', async () => {
  const { page } = harness();
  harness().hub.bytesPerSecond = 2_000_000;
  await harness().logIn();
  await bySteps();
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
  await page.getByText('Paused', { exact: true }).waitFor();
  await page.getByRole('button', { name: `Resume ${QWEN}` }).click();
  await page.getByRole('button', { name: `Pause ${QWEN}` }).waitFor();
  // The page and the manager end in the middle: the step shows where it is.
  await harness().crash();
  await harness().logIn();
  await bySteps();
  await page.getByRole('progressbar', { name: `Download of ${QWEN}` }).waitFor();
  expect(await choice(/^Qwen3 8B/).isChecked()).toBe(true);
  harness().hub.bytesPerSecond = undefined;
  await page.getByText('Finish step 1 first', { exact: true }).waitFor();
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
  await bySteps();
  await page.getByText(/is having problems/).waitFor();
  await choice(/^Built-in test model/).waitFor();
  expect(await choice(/^Built-in test model/).isChecked()).toBe(true);
  await page.getByText('Finish step 1 first', { exact: true }).waitFor();
  expect(await photograph(page, 'first-run-broken')).toEqual([]);
  harness().hub.plan = () => undefined;
  await page.getByRole('button', { name: 'Try again' }).click();
  await choice(/^Qwen3 8B/).waitFor();
  await page.getByRole('button', { name: 'Use a model on this machine…' }).click();
  await choice(/^Built-in test model/).click();
  await page.getByText('Finish step 1 first', { exact: true }).waitFor();
});

const part = (name: string) => harness().page.getByRole('region', { name, exact: true });
const setUp = () => harness().page.getByRole('button', { name: 'Set up and start' });

it('proposes engine, model and server, and sets them up with one button, across a crash', async () => {
  const { page } = harness();
  harness().hub.bytesPerSecond = 2_000_000;
  await harness().manager.registerEngine();
  await harness().logIn();
  await part('Engine').getByText('Installed and tested.').waitFor();
  await part('Model').getByText('Qwen3 8B', { exact: true }).waitFor();
  await part('Server')
    .getByText(/^Port \d+$/)
    .waitFor();
  await part('Memory').getByText('Fits').waitFor();
  await page.getByText(/^40(\.\d)? MB to download$/).waitFor();
  const findings = await photograph(page, 'first-run-proposal');
  await setUp().click();
  await page.getByRole('heading', { name: 'Setting up Qwen3 8B' }).waitFor();
  await page.getByRole('progressbar', { name: 'Downloading Qwen3-8B-4bit' }).waitFor();
  findings.push(...(await photograph(page, 'first-run-under-way')));
  await harness().crash();
  await harness().logIn();
  await page.getByRole('progressbar', { name: 'Downloading Qwen3-8B-4bit' }).waitFor();
  harness().hub.bytesPerSecond = undefined;
  // The answer is there without a further click.
  const answer = page.getByRole('region', { name: 'First answer' });
  await answer.getByText('Why is the sky blue? One sentence.').waitFor();
  await page.getByRole('heading', { name: 'Qwen3 8B is running' }).waitFor();
  // Programs are told the gateway's address, and the profile's name for the model.
  const { url } = await (await harness().manager.client()).call('gateway.status');
  const use = page.getByRole('region', { name: 'Use it from any app' });
  await use.getByText(`${url}/v1`, { exact: true }).waitFor();
  await use.getByText('Qwen3 8B', { exact: true }).waitFor();
  findings.push(...(await photograph(page, 'first-run-answered')));
  await page.getByRole('button', { name: 'Close setup' }).click();
  await page.getByRole('heading', { name: 'Qwen3 8B', level: 2 }).waitFor();
  expect(await harness().manager.json('profile', 'list')).toMatchObject([
    { name: 'Qwen3 8B', model: QWEN },
  ]);
  expect(findings).toEqual([]);
});

it('lets each part be changed, and cancels without losing what has come', async () => {
  const { page } = harness();
  harness().hub.bytesPerSecond = 1_000_000;
  await harness().manager.registerEngine();
  await harness().logIn();
  await part('Model').getByText('Qwen3 8B', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Change model' }).click();
  await choice(/^Llama 3.2 3B/).click();
  await page.getByRole('button', { name: 'Close model' }).click();
  await page.getByRole('button', { name: 'Change engine' }).click();
  expect(await choice(/^MLX LM/i).isChecked()).toBe(true);
  await page.getByRole('button', { name: 'Close engine' }).click();
  await page.getByRole('button', { name: 'Change server' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('');
  await page.getByText('Enter a name.').waitFor();
  expect(await setUp().getAttribute('aria-disabled')).toBe('true');
  await page.getByRole('textbox', { name: 'Name' }).fill('Small one');
  expect(await photograph(page, 'first-run-changing')).toEqual([]);
  await setUp().click();
  await page.getByRole('heading', { name: 'Setting up Small one' }).waitFor();
  await page.getByText(/^[1-9].* of 18(\.\d)? MB/).waitFor();
  await page.getByRole('button', { name: 'Cancel setup' }).click();
  await setUp().waitFor();
  const [download] = await (await harness().manager.client()).call('downloads.list');
  expect(download).toMatchObject({ state: 'paused' });
  expect(download?.bytes).toBeGreaterThan(0);
  expect(await harness().manager.json('profile', 'list')).toEqual([]);
});

it('names what failed, keeps what is done, and tries again', async () => {
  const { page } = harness();
  await harness().logIn();
  // No index answers: the engine cannot be installed.
  await setUp().click();
  await page.getByRole('heading', { name: 'Setup has stopped' }).waitFor();
  await page.getByText('Downloaded and verified Qwen3-8B-4bit').waitFor();
  await page.getByText('Waits for the engine and the model').waitFor();
  expect(await page.getByRole('alert').count()).toBe(1);
  expect(await photograph(page, 'first-run-failed')).toEqual([]);
  await harness().manager.registerEngine();
  await page.getByRole('region', { name: 'First answer' }).waitFor();
});
