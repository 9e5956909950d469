import { photograph } from '@fixtures/browser';
import { eachTestOpens } from '@fixtures/browser-suite';
import { createPageHarness } from '@fixtures/page-harness';
import { isListening } from '@fixtures/temp-home';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

/** Set by `npm test` where the Python package index does not answer. */
const NO_INDEX = process.env.MLX_MANAGER_NO_INDEX;

const INSTALL_MS = 300_000;
const LOAD_MS = 60_000;

const harness = eachTestOpens((browser) => createPageHarness(browser, { offline: false }));

const Servers = z.object({
  servers: z.array(z.object({ name: z.string(), state: z.string(), pid: z.number().optional() })),
});

async function pidOf(name: string): Promise<number | undefined> {
  const { servers } = Servers.parse(await harness().manager.json('status'));
  return servers.find((server) => server.name === name)?.pid;
}

describe('the main job, from nothing', () => {
  it.skipIf(NO_INDEX)(
    'installs an engine, runs the built-in model, survives its death, and stops it',
    async () => {
      const { page, manager, problems } = harness();
      const findings: string[] = [];
      await harness().logIn();

      // First run: an engine.
      await page.getByRole('button', { name: /^Install/ }).click();
      await page.getByRole('progressbar').first().waitFor();
      findings.push(...(await photograph(page, 'first-run-installing')));
      await page
        .getByText(/Installed and tested/)
        .first()
        .waitFor({ timeout: INSTALL_MS });
      findings.push(...(await photograph(page, 'first-run-installed')));

      // A profile on the built-in model.
      const port = await manager.home.freePort();
      await page.keyboard.press('ControlOrMeta+k');
      await page.getByRole('dialog').getByRole('combobox').fill('new profile');
      await page.keyboard.press('Enter');
      await page.getByLabel('Model', { exact: true }).selectOption('demo');
      await page.getByLabel('Name', { exact: true }).fill('First model');
      await page.getByLabel('Port', { exact: true }).fill(String(port));
      await page.getByRole('button', { name: 'Create' }).click();
      await page.getByRole('heading', { name: 'First model', level: 2 }).waitFor();

      // Start, and watch it until it is ready.
      const detail = page.getByRole('region', { name: 'First model' });
      const badge = detail.getByRole('heading', { level: 2 }).locator('..');
      await detail.getByRole('button', { name: 'Start', exact: true }).click();
      await badge.getByText('Ready').waitFor({ timeout: LOAD_MS });
      const first = await pidOf('First model');
      expect(first).toBeGreaterThan(0);

      // A test request, through the port as everyone.
      await detail.getByRole('button', { name: 'Send test request' }).click();
      await detail.getByText(/^First token/).waitFor();
      findings.push(...(await photograph(page, 'server-tested')));

      // Its log.
      await detail.getByRole('tab', { name: 'Logs' }).click();
      await detail
        .getByText(/Starting httpd/)
        .first()
        .waitFor();

      // Its death and its return.
      if (first === undefined) throw new Error('no process');
      process.kill(first, 'SIGKILL');
      await expect.poll(() => pidOf('First model'), { timeout: LOAD_MS }).not.toBe(first);
      await badge.getByText('Ready').waitFor({ timeout: LOAD_MS });
      expect(await isListening(port)).toBe(true);
      await detail.getByRole('tab', { name: 'Overview' }).click();
      await detail.getByText(/1 restart/).waitFor();

      // The stop.
      await detail.getByRole('button', { name: 'Stop', exact: true }).click();
      await badge.getByText('Stopped').waitFor({ timeout: LOAD_MS });
      expect(await isListening(port)).toBe(false);
      expect(findings).toEqual([]);
      expect(problems).toEqual([]);
    },
    INSTALL_MS + 4 * LOAD_MS,
  );
});
