import { join } from 'node:path';

import { photograph } from '@fixtures/browser';
import { browserSuite } from '@fixtures/browser-suite';
import { jobEnd } from '@fixtures/core-harness';
import { faultEnv, type Faults } from '@fixtures/fake-adapter';
import { createFakeUv, type FakeUv } from '@fixtures/fake-uv';
import { createPageHarness, type PageHarness } from '@fixtures/page-harness';
import { createTempHome } from '@fixtures/temp-home';
import type { Client } from '@shared/rpc/client';
import type { Locator } from 'playwright';
import { expect, it } from 'vitest';

// Engines with a stand-in for uv, whose packages come as slowly as a test wants.
const suite = browserSuite();

interface EngineHarness extends PageHarness {
  readonly uv: FakeUv;
  /** The row of an engine in the list at the left. */
  engineRow(title: string): Locator;
  /** Installs a version of mlx-lm to its end. */
  install(version: string): Promise<void>;
}

async function openEngines(): Promise<EngineHarness> {
  return suite.open(async (browser) => {
    const scratch = await createTempHome();
    const uv = await createFakeUv(join(scratch.folder, 'fake uv'));
    const harness = await createPageHarness(browser, { env: uv.env });
    const { page, manager } = harness;
    return {
      ...harness,
      uv,
      engineRow: (title: string) =>
        page
          .getByRole('list', { name: 'Engines' })
          .getByRole('listitem')
          .filter({ hasText: title }),
      async install(version: string) {
        const client = await manager.client();
        const { id } = await client.call('engines.install', { engine: 'mlx-lm', version });
        await jobEnd(client, id);
      },
      close: () => harness.close().finally(() => scratch.close()),
    };
  });
}

async function show({ page, logIn }: EngineHarness): Promise<void> {
  await logIn();
  await page.getByRole('link', { name: 'Engines' }).click();
}

it('what is on the disk is listed while the package index hangs', async () => {
  const h = await openEngines();
  await h.uv.behave({ indexHangs: true });
  await h.manager.registerEngine();
  await show(h);
  const { page, engineRow } = h;
  await engineRow('MLX LM').getByText('registered').waitFor();
  await engineRow('MLX VLM')
    .getByText(/^Not installed\. Text, images/)
    .waitFor();
  await page.getByRole('table', { name: 'Installations' }).getByText('In use').waitFor();
  // One tab stop: the arrows go through the engines, and what is chosen is shown.
  await engineRow('MLX LM').getByRole('button').first().focus();
  await page.keyboard.press('ArrowDown');
  await page.getByRole('heading', { name: 'MLX VLM', exact: true }).waitFor();
  expect(await page.evaluate(() => document.activeElement?.getAttribute('data-row'))).toBe(
    'mlx-vlm',
  );
  await page.getByLabel('Search engines').fill('openai');
  expect(await page.getByRole('list', { name: 'Engines' }).getByRole('listitem').count()).toBe(1);
  await page.getByLabel('Search engines').fill('nothing like it');
  await page.getByText('No results for “nothing like it”').waitFor();
  expect(h.problems).toEqual([]);
});

it('an installation is offered with its size, shows how far it is, and the next one queues', async () => {
  const h = await openEngines();
  await h.uv.behave({ seconds: 30 });
  await show(h);
  const { page, engineRow } = h;
  await page
    .getByText(/^MLX LM gets its own environment \(\d+ [MG]B\)\. Nothing else on this/)
    .waitFor();
  await page.getByRole('heading', { name: "MLX LM isn't installed" }).waitFor();
  await engineRow('MLX VLM')
    .getByText(/^\d+(\.\d)? [MG]B$/)
    .waitFor();
  const findings = await photograph(page, 'engines-nothing');
  await engineRow('MLX LM').getByRole('button', { name: 'Install MLX LM' }).click();
  const panel = page.getByRole('region', { name: /^Installing mlx-lm/ });
  await panel.getByText(/^Installing packages, \d+ of \d+$/).waitFor();
  await panel.getByText(/^\d+ of \d+ MB, \d+(\.\d)? MB\/s$/).waitFor();
  await engineRow('MLX LM')
    .getByText(/^Installing \S+, \d+ of \d+ MB$/)
    .waitFor();
  await panel.getByText(/^\d+ s left$/).waitFor();
  await engineRow('MLX VLM').getByRole('button', { name: 'Install MLX VLM' }).click();
  await engineRow('MLX VLM').getByText('Queued, after MLX LM').waitFor();
  await page.getByText('Queued, after MLX LM. Installations run one at a time.').waitFor();
  findings.push(...(await photograph(page, 'engines-queued')));
  await engineRow('MLX LM').getByRole('button').first().click();
  findings.push(...(await photograph(page, 'engines-installing')));
  await engineRow('MLX VLM').getByRole('button').first().click();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByText('Canceled. Nothing was installed.').waitFor();
  await engineRow('MLX LM').getByRole('button').first().click();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('heading', { name: "MLX LM isn't installed" }).waitFor();
  expect(findings).toEqual([]);
  expect(h.problems).toEqual([]);
});

it('a failed installation says why and offers another try; what is in use stays in use', async () => {
  const h = await openEngines();
  await h.uv.behave({ newest: '0.33.0' });
  await h.install('0.32.2');
  await h.uv.behave({ newest: '0.33.0', failure: 'error: No space left on device (os error 28)' });
  await show(h);
  const { page, engineRow } = h;
  await page.getByRole('button', { name: 'Update to 0.33.0' }).click();
  const failed = page.getByRole('region', { name: 'Updating to 0.33.0 failed' });
  await failed
    .getByRole('paragraph')
    .filter({ hasText: /the disk is full\. mlx-lm 0\.32\.2 stays in use\.$/ })
    .waitFor();
  await engineRow('MLX LM').getByText('0.33.0 is available').waitFor();
  const findings = await photograph(page, 'engines-failed');
  await h.uv.behave({ newest: '0.33.0' });
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByText('0.33.0 in use').waitFor({ timeout: 60_000 });
  await engineRow('MLX LM').getByText('Newest version, 2 installations').waitFor();
  expect(findings).toEqual([]);
  expect(h.problems).toEqual([]);
});

const PROFILES: readonly (readonly [name: string, model: string])[] = [
  ['Qwen3 8B', 'demo'],
  ['Llama 3.2 3B', 'mlx-community/Llama-3.2-3B-Instruct-4bit'],
  ['Phi 4', 'mlx-community/phi-4-4bit'],
  ['Qwen3 4B', 'mlx-community/Qwen3-4B-Instruct-2507-4bit'],
  ['Granite 3.3 8B', 'mlx-community/granite-3.3-8b-instruct-4bit'],
  [
    'SmolLM3 3B with a name that needs far more room than there is',
    'mlx-community/SmolLM3-3B-8bit',
  ],
  ['Qwen3 30B', 'demo'],
  ['Qwen2.5 Coder 32B', 'mlx-community/Qwen2.5-Coder-32B-Instruct-4bit'],
  ['GLM 4 9B', 'demo'],
];

/** Four versions of mlx-lm and nine profiles; some run, one is pinned, one fails, and a fifth version is coming. */
async function manyEngines(h: EngineHarness): Promise<void> {
  const client = await h.manager.client();
  await h.uv.behave({ newest: '0.33.1' });
  for (const version of ['0.30.0', '0.31.3', '0.32.2']) await h.install(version);
  for (const [name, model] of PROFILES) {
    const faults = name === 'GLM 4 9B' ? { FAIL: 'unsupported_architecture' } : {};
    await create(h, client, name, model, faults);
  }
  await h.manager.json('start', 'Qwen3 30B', '--wait');
  await h.install('0.33.0');
  await h.manager.json('start', 'Qwen3 8B', '--wait');
  await h.manager.run('start', 'GLM 4 9B', '--wait');
  await h.uv.behave({ newest: '0.33.1', seconds: 600 });
  await client.call('engines.update', { engine: 'mlx-lm' });
}

async function create(
  { manager }: EngineHarness,
  client: Client,
  name: string,
  model: string,
  faults: Faults,
): Promise<void> {
  const installation = { 'Qwen2.5 Coder 32B': 'mlx-lm-0.32.2', 'GLM 4 9B': 'mlx-lm-0.31.3' }[name];
  await client.call('profiles.createLocal', {
    ...{ name, model, port: await manager.home.freePort(), env: faultEnv(faults) },
    ...(installation === undefined ? {} : { installation }),
  });
}

/** The last three are the first three at 200 %. */
const WIDTHS = [1440, 1100, 900, 720, 550, 450];

it('five installations and nine profiles keep their rows, and every menu stays in reach', async () => {
  const h = await openEngines();
  await manyEngines(h);
  await show(h);
  const { page, engineRow } = h;
  const installations = page.getByRole('table', { name: 'Installations' });
  const profiles = page.getByRole('table', { name: 'Profiles' });
  const row = (table: Locator, text: string): Locator =>
    table.getByRole('row').filter({ has: page.getByText(text, { exact: true }) });
  await row(installations, '0.33.1').getByText('Installing').waitFor();
  await engineRow('MLX LM')
    .getByText(/^Updating to 0\.33\.1, /)
    .waitFor();
  await engineRow('MLX LM').getByText('9 profiles').waitFor();
  expect(await installations.getByRole('row').count()).toBe(6);
  expect(await row(installations, '0.33.0').innerText()).toContain('6 profiles');
  expect(await row(installations, '0.32.2').innerText()).toMatch(/Locked list[\s\S]*2 profiles/);
  expect(await row(installations, '0.31.3').innerText()).toMatch(/Package index[\s\S]*1 profile/);
  await row(installations, '0.30.0').getByRole('button', { name: 'Remove…' }).waitFor();
  await row(installations, '0.31.3').getByRole('button', { name: 'Roll back…' }).waitFor();
  expect(await profiles.getByRole('row').count()).toBe(10);
  expect(await row(profiles, 'Qwen3 30B').innerText()).toMatch(
    /0\.32\.2\s*0\.33\.0 after a restart/,
  );
  await profiles.getByText('chosen in the profile').first().waitFor();

  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: width < 800 ? 450 : 900 });
    const wrong = await page.evaluate(() => {
      const found: string[] = [];
      for (const pane of document.querySelectorAll('[data-scrolls]')) {
        if (pane.scrollWidth > pane.clientWidth) found.push('a pane scrolls sideways');
      }
      for (const table of document.querySelectorAll('table')) {
        const pane = table.closest('[data-scrolls]')?.getBoundingClientRect();
        const rows = [...table.querySelectorAll('tbody tr')];
        const heights = new Set(rows.map((one) => Math.round(one.getBoundingClientRect().height)));
        if (heights.size > 1) found.push(`rows of ${table.ariaLabel} differ: ${[...heights]}`);
        for (const part of table.querySelectorAll('td, th, button, a, td span')) {
          const box = part.getBoundingClientRect();
          if (pane && box.width > 0 && (box.right > pane.right || box.left < pane.left)) {
            found.push(`${part.textContent} leaves its pane`);
          }
        }
        for (const cell of table.querySelectorAll('td')) {
          const cut = cell.scrollWidth > cell.clientWidth + 1;
          if (cut && cell.clientWidth > 0) found.push(`${cell.textContent} is wider than its cell`);
        }
      }
      return found;
    });
    expect(wrong, `${width}`).toEqual([]);
    const menu = row(installations, '0.30.0').getByRole('button', { name: 'Actions for 0.30.0' });
    await menu.scrollIntoViewIfNeeded();
    await menu.click();
    await page.getByRole('menuitem', { name: /^Remove…/ }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('menu').waitFor({ state: 'detached' });
  }
  await page.setViewportSize({ width: 1440, height: 900 });
  const findings = await photograph(page, 'engines-many');
  // Its row leads to a profile; the arrows go through them.
  await profiles.getByRole('link').first().focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Llama 3.2 3B', level: 2 }).waitFor();
  expect(findings).toEqual([]);
  expect(h.problems).toEqual([]);
});
