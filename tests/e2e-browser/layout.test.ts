import { launchBrowser, openVisitor } from '@fixtures/browser';
import { browserSuite } from '@fixtures/browser-suite';
import type { HubRepo } from '@fixtures/fake-hub/repos';
import {
  COMBINING,
  type Condition,
  createCondition,
  damageSettings,
  hubRepos,
  LONG,
  RIGHT_TO_LEFT,
  silentIndex,
  writeBroken,
  writeForty,
  writeNamed,
} from '@fixtures/layout/conditions';
import { layoutFaults } from '@fixtures/layout/faults';
import { FAULTY_PAGES } from '@fixtures/layout/faulty-pages';
import { createLooker, type Looker, makeSheets } from '@fixtures/layout/looker';
import { PARDONS } from '@fixtures/layout/pardons';
import {
  go,
  idOf,
  lookAtFirstRun,
  lookAtMenus,
  lookAtModelDeletion,
  lookAtPalette,
  lookAtTabs,
  lookAtUndo,
} from '@fixtures/layout/tour';
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

// Every screen in every condition and every window: with MLX_MANAGER_PICTURES=FOLDER pictures of all are kept.

const suite = browserSuite();
const LIMIT_MS = 600_000;

let repos: readonly HubRepo[];

beforeAll(async () => {
  repos = await hubRepos();
});

afterAll(async () => {
  const browser = await launchBrowser();
  await makeSheets(browser);
  await browser.close();
});

async function open(
  condition: string,
  ...of: Parameters<typeof createCondition> extends [unknown, unknown, ...infer Rest] ? Rest : never
): Promise<{ harness: Condition; page: Page; looker: Looker }> {
  const harness = await suite.open((browser) => createCondition(browser, repos, ...of));
  const { page } = harness;
  return { harness, page, looker: await createLooker(page, condition, PARDONS) };
}

describe('the checks', () => {
  it('report each fault, and nothing where there is none', async () => {
    const { page } = await suite.open(async (browser) => {
      const visitor = await openVisitor(browser);
      return { page: visitor.page, close: () => visitor.context.close() };
    });
    for (const { title, kinds, html } of FAULTY_PAGES) {
      await page.setContent(html);
      const found = await layoutFaults(page);
      const seen = [...new Set(found.map((fault) => fault.split(':')[0]))].toSorted();
      expect(seen, `${title}: ${found.join('; ')}`).toEqual(kinds.toSorted());
    }
  });
});

describe('every screen in every window', () => {
  it(
    'is whole while there is nothing',
    async () => {
      const { harness, page, looker } = await open('empty');
      await page.goto(harness.manager.url);
      await page.getByLabel('Token', { exact: true }).waitFor();
      await looker.look('login');
      await page.getByLabel('Token', { exact: true }).fill('not the token');
      await page.keyboard.press('Enter');
      await page.locator('[aria-invalid=true]').waitFor();
      await looker.look('login refused');
      await harness.logIn();
      await lookAtFirstRun(page, looker);
      const client = await harness.manager.client();
      await client.call('settings.set', { key: 'setupSkipped', value: true });
      await go(page, '#/servers', 'No server yet');
      await looker.look('servers');
      await go(page, '#/servers/new', 'New profile');
      await looker.look('new profile');
      await go(page, '#/models', 'Built-in test model');
      await looker.look('models');
      await go(page, '#/discover', 'Qwen3-8B-4bit');
      await looker.look('discover');
      await go(page, '#/engines', /mlx.lm/i);
      await looker.look('engines');
      await go(page, '#/settings', 'Settings');
      await looker.look('settings');
      await lookAtPalette(page, looker, 'e');
      expect(looker.findings).toEqual([]);
    },
    LIMIT_MS,
  );

  it(
    'is whole while everything is at work',
    async () => {
      const index = await silentIndex();
      try {
        const { harness, page, looker } = await open('busy', undefined, {
          UV_INDEX_URL: index.url,
          UV_DEFAULT_INDEX: index.url,
          PIP_INDEX_URL: index.url,
        });
        const { manager, hub } = harness;
        const client = await manager.client();
        await manager.registerEngine();
        await client.call('engines.install', { engine: 'mlx-vlm' });
        await harness.createProfile('Qwen3 8B');
        await harness.createProfile('Gemma 3 12B', { LOAD_MS: 600_000, LOAD_BAR_MS: 100 });
        await harness.createProfile('Llama 3.2 3B', { START_DELAY_MS: 600_000 });
        await harness.createProfile('Stopped');
        // One model is loaded after the other: the last waits in the queue.
        await manager.json('start', 'Qwen3 8B', '--wait');
        for (const name of ['Gemma 3 12B', 'Llama 3.2 3B']) await manager.json('start', name);
        hub.plan = ({ file = '' }) =>
          file.endsWith('.safetensors') ? { kind: 'slow', bytesPerSecond: 20_000 } : undefined;
        for (const ref of repos.map(({ id }) => id).filter((id) => !id.startsWith('meta/'))) {
          await client.call('downloads.start', { ref });
        }
        await harness.logIn();
        await go(page, '#/engines/mlx-lm', /mlx.lm/i);
        await looker.look('engines');
        await go(page, '#/engines/mlx-vlm', /mlx.vlm/i);
        await looker.look('engine being installed');
        await go(page, '#/servers', 'Gemma 3 12B');
        await harness
          .serverRow('Gemma 3 12B')
          .getByText(/Loading model/)
          .waitFor();
        await lookAtTabs(harness, looker, 'Qwen3 8B');
        await go(page, `#/servers/${await idOf(harness, 'Qwen3 8B')}`, 'Test request');
        await page.getByRole('button', { name: 'Send test request' }).click();
        await page.getByText(/^First token/).waitFor();
        await looker.look('tested');
        await go(page, `#/servers/${await idOf(harness, 'Gemma 3 12B')}`, 'Gemma 3 12B');
        await looker.look('loading');
        await lookAtMenus(harness, looker, 'Qwen3 8B');
        await go(page, '#/servers/new?model=demo', 'New profile');
        await page.getByText('Command', { exact: true }).first().waitFor();
        await looker.look('new profile');
        await page.keyboard.press('Escape');
        await go(page, '#/models', 'Built-in test model');
        await looker.look('models');
        await go(page, '#/discover', 'Qwen3-8B-4bit');
        await looker.look('discover');
        await page.getByRole('button', { name: /^Downloads/ }).click();
        await page.getByRole('dialog', { name: 'Downloads' }).waitFor();
        await looker.look('downloads');
        await page.keyboard.press('Escape');
        await go(page, '#/settings', 'Settings');
        await looker.look('settings');
        await lookAtPalette(page, looker, 'gemma');
        expect(looker.findings).toEqual([]);
      } finally {
        index.close();
      }
    },
    LIMIT_MS,
  );

  it(
    'is whole while everything is broken',
    async () => {
      const { harness, page, looker } = await open('broken', async (library, home) => {
        await writeBroken(library);
        await damageSettings(home);
      });
      const { manager, hub } = harness;
      const client = await manager.client();
      hub.plan = () => ({ kind: 'answer', status: 503 });
      await harness.logIn();
      await lookAtFirstRun(page, looker);
      const job = await client.call('engines.install', { engine: 'mlx-vlm' });
      expect(job.engine).toBe('mlx-vlm');
      await manager.registerEngine();
      await harness.createProfile('Out of memory', { FAIL: 'out_of_memory', THEN: '1' });
      await harness.createProfile('Unknown architecture', { FAIL: 'unsupported_architecture' });
      await harness.createProfile('Waits for its next start', { EXIT_CODE: 1, EXIT_AFTER_MS: 1 });
      await harness.createProfile('Refused');
      for (const name of ['Out of memory', 'Unknown architecture']) {
        expect((await manager.run('start', name, '--wait', '--json')).code).toBe(1);
      }
      await manager.run('start', 'Waits for its next start', '--json');
      await client.call('settings.set', { key: 'serverMemoryLimitGib', value: 0.01 });
      await manager.run('start', 'Refused', '--json');
      await lookAtTabs(harness, looker, 'Out of memory');
      await go(page, `#/servers/${await idOf(harness, 'Refused')}`, 'Refused');
      await looker.look('refused');
      await go(page, '#/servers/new', 'New profile');
      await page.getByLabel('Port', { exact: true }).fill('80');
      await page.locator('[aria-invalid=true]').first().waitFor();
      await looker.look('new profile');
      await page.keyboard.press('Escape');
      await go(page, '#/models', 'Half-4bit');
      await looker.look('models');
      await go(page, '#/discover', /503/);
      await looker.look('discover');
      await go(page, '#/engines/mlx-vlm', /mlx.vlm/i);
      await looker.look('engines');
      await go(page, '#/settings', 'Settings');
      await looker.look('settings');
      await lookAtPalette(page, looker, 'memory');
      await go(page, '#/servers', 'Refused');
      await manager.kill();
      await page.getByText('Lost connection to MLX Manager. Reconnecting…').waitFor();
      await looker.look('not connected');
      await harness.crash();
      expect(looker.findings).toEqual([]);
    },
    LIMIT_MS,
  );

  it(
    'is whole with forty models and a hundred profiles',
    async () => {
      const { harness, page, looker } = await open('crowded', writeForty);
      const client = await harness.manager.client();
      await harness.logIn();
      await lookAtFirstRun(page, looker);
      await harness.manager.registerEngine();
      const models = await client.call('models.list');
      for (let index = 0; index < 100; index += 1) {
        const { ref = 'demo' } = models[index % models.length] ?? {};
        const name = `Profile number ${index + 1}`;
        await client.call('profiles.createLocal', { name, model: ref, port: 20_000 + index });
      }
      await go(page, '#/servers', 'Profile number 100');
      await looker.look('servers');
      await go(page, '#/servers/new', 'New profile');
      await looker.look('new profile');
      await page.keyboard.press('Escape');
      await go(page, '#/models', /^4\d models/);
      await looker.look('models');
      await go(page, '#/discover', 'Qwen3-8B-4bit');
      await looker.look('discover');
      await go(page, '#/engines', /mlx.lm/i);
      await looker.look('engines');
      await go(page, '#/settings', 'Settings');
      await looker.look('settings');
      await lookAtPalette(page, looker, 'profile');
      expect(looker.findings).toEqual([]);
    },
    LIMIT_MS,
  );

  it(
    'is whole with names that are long, from right to left, or have marks on marks',
    async () => {
      const { harness, page, looker } = await open('names', writeNamed);
      const { manager } = harness;
      const client = await manager.client();
      await harness.logIn();
      await lookAtFirstRun(page, looker);
      await manager.registerEngine();
      const models = await client.call('models.list');
      for (const name of [LONG, RIGHT_TO_LEFT, COMBINING]) {
        const model = models.find(({ ref }) => ref.includes(name))?.ref ?? 'demo';
        const port = await manager.home.freePort();
        await client.call('profiles.createLocal', { name, model, port });
        const env = { FAKE_FAIL: 'out_of_memory', FAKE_THEN: '1' };
        const other = await manager.home.freePort();
        const failing = `${name.slice(0, 60)} fails`;
        await client.call('profiles.createLocal', {
          name: failing,
          model: 'demo',
          port: other,
          env,
        });
        await manager.run('start', failing, '--wait', '--json');
      }
      await lookAtTabs(harness, looker, LONG);
      await lookAtMenus(harness, looker, LONG);
      await go(page, `#/servers/${await idOf(harness, RIGHT_TO_LEFT)}`, RIGHT_TO_LEFT);
      await looker.look('from right to left');
      await go(
        page,
        `#/servers/${await idOf(harness, `${LONG.slice(0, 60)} fails`)}`,
        LONG.slice(0, 60),
      );
      await looker.look('failed');
      await go(
        page,
        `#/servers/new?model=${encodeURIComponent(models.find(({ ref }) => ref.includes(LONG))?.ref ?? '')}`,
        'New profile',
      );
      await looker.look('new profile');
      await page.keyboard.press('Escape');
      await go(page, '#/models', LONG);
      await looker.look('models');
      await lookAtModelDeletion(page, looker, LONG);
      await go(page, '#/discover', LONG);
      await page.getByRole('row', { name: LONG }).click();
      await looker.look('discover');
      await page.keyboard.press('Escape');
      await go(page, '#/settings', 'Settings');
      await looker.look('settings');
      await go(page, '#/engines', /mlx.lm/i);
      await looker.look('engines');
      await lookAtPalette(page, looker, LONG.slice(0, 12));
      await lookAtUndo(harness, looker, `${LONG.slice(0, 60)} fails`);
      expect(looker.findings).toEqual([]);
    },
    LIMIT_MS,
  );
});
