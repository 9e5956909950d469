import { launchBrowser, logIn, openVisitor, photograph, type Visitor } from '@fixtures/browser';
import { type ManagerProcess, startManager } from '@fixtures/manager-process';
import type { Browser } from 'playwright';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';

let browser: Browser;
let manager: ManagerProcess;
let visitor: Visitor;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());
beforeEach(async () => {
  manager = await startManager({ offline: true });
  visitor = await openVisitor(browser);
  await manager.registerEngine();
});
afterEach(async () => {
  await visitor.context.close();
  expect(await manager.close()).toBe(0);
});

const Profile = z.object({ engine: z.string(), options: z.record(z.string(), z.unknown()) });

describe('the profile form', () => {
  it('takes options over to another engine, says what stays behind, and where that engine comes from', async () => {
    const { page } = visitor;
    await manager.json(
      ...['profile', 'create', 'Mover', '--model', 'demo'],
      ...['--set', 'temperature=0.5', '--set', 'num-draft-tokens=4'],
    );
    await logIn(page, manager.url, manager.token);
    await page.getByRole('list', { name: 'Profiles' }).getByText('Mover').click();
    await page.getByRole('tab', { name: 'Settings' }).click();
    await page.getByLabel('Engine', { exact: true }).selectOption('vllm-mlx');
    await page.getByText('Left out, because this engine cannot take it over:').waitFor();
    await page.getByText(/cannot be known whether it has num-draft-tokens/).waitFor();
    await page.getByRole('link', { name: 'Install vllm-mlx' }).waitFor();
    expect(await photograph(page, 'profile-engine-change')).toEqual([]);
    await page.getByRole('button', { name: /^Save/ }).click();
    await expect
      .poll(async () => Profile.parse(await manager.json('profile', 'show', 'Mover')), {
        timeout: 10_000,
      })
      .toMatchObject({ engine: 'vllm-mlx', options: { temperature: 0.5 } });
    expect(visitor.problems).toEqual([]);
  });

  it('says in a browser where a program of one’s own and several machines are set', async () => {
    const { page } = visitor;
    await manager.json('profile', 'create', 'First', '--model', 'demo');
    await logIn(page, manager.url, manager.token);
    await page.getByRole('button', { name: 'New profile' }).click();
    const own = page.getByRole('option', { name: /A program of your own/ });
    expect(await own.isDisabled()).toBe(true);
    expect(await own.textContent()).toContain('command line');
    await page.getByRole('button', { name: /^Machines/ }).click();
    await page.getByText('Only in the desktop app and the command line.').first().waitFor();
    expect(await page.getByRole('radio', { name: 'Several machines' }).isDisabled()).toBe(true);
    expect(await photograph(page, 'profile-machines')).toEqual([]);
    expect(visitor.problems).toEqual([]);
  });
});
