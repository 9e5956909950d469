import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { photograph } from '@fixtures/browser';
import { eachTestOpens } from '@fixtures/browser-suite';
import { createPageHarness, type PageHarness } from '@fixtures/page-harness';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

const SMALL = { width: 900, height: 600 };

const harness = eachTestOpens(async (browser) => {
  const made = await createPageHarness(browser);
  await made.manager.registerEngine();
  return made;
});

const createProfile: PageHarness['createProfile'] = (...of) => harness().createProfile(...of);
const row = (name: string) => harness().serverRow(name);
/** Names in the manager's order, as everyone sees them. */
async function savedOrder(): Promise<string[]> {
  const Status = z.object({ servers: z.array(z.object({ name: z.string() })) });
  return Status.parse(await harness().manager.json('status')).servers.map(({ name }) => name);
}

/** Presses on a row, moves the mouse by so many rows, and holds. */
async function dragRow(name: string, rows: number): Promise<void> {
  const { page } = harness();
  const box = await row(name).boundingBox();
  if (!box) throw new Error(`no row ${name}`);
  const x = box.x + 80;
  const y = box.y + 20;
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x, y + 8);
  await page.mouse.move(x, y + rows * box.height, { steps: 5 });
}

async function profileId(name: string): Promise<string> {
  const Profiles = z.array(z.object({ id: z.string(), name: z.string() }));
  const profiles = Profiles.parse(await harness().manager.json('profile', 'list'));
  return profiles.find((profile) => profile.name === name)?.id ?? '';
}

/** A run that ended, as the manager keeps it; every tenth line is a warning. */
async function writeRun(folder: string, lines: number): Promise<void> {
  const time = '2026-11-23T10:00:00.000Z';
  const text = (n: number) => (n % 10 === 0 ? `WARNING in line ${n}\n` : `line ${n}\n`);
  const meta = [
    { t: 'start', time },
    { t: 'end', time, ended: 'stopped', outcome: 'stopped', n: lines },
  ];
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, '1.log'), Array.from({ length: lines }, (_, n) => text(n)).join(''));
  await writeFile(
    join(folder, '1.meta.jsonl'),
    meta.map((entry) => `${JSON.stringify(entry)}\n`).join(''),
  );
}

describe('the list of servers', () => {
  it('is put in order with the mouse, and Esc lets go', async () => {
    const { page, problems } = harness();
    for (const name of ['Alpha', 'Beta', 'Gamma']) await createProfile(name);
    await harness().logIn();
    await row('Beta').getByRole('button').first().click();
    await page.getByRole('heading', { name: 'Beta', level: 2 }).waitFor();

    await dragRow('Alpha', 2);
    const findings = await photograph(page, 'servers-dragging');
    await page.mouse.up();
    await expect.poll(savedOrder, { timeout: 20_000 }).toEqual(['Beta', 'Gamma', 'Alpha']);
    await expect
      .poll(async () => (await row('Alpha').boundingBox())?.y)
      .toBeGreaterThan((await row('Gamma').boundingBox())?.y ?? 0);
    // It was moved, not chosen.
    await page.getByRole('heading', { name: 'Beta', level: 2 }).waitFor();

    await dragRow('Alpha', -2);
    await page.keyboard.press('Escape');
    await page.mouse.up();
    await row('Gamma').getByRole('button').first().press('Enter');
    await page.getByRole('heading', { name: 'Gamma', level: 2 }).waitFor();
    expect(await savedOrder()).toEqual(['Beta', 'Gamma', 'Alpha']);
    await page.keyboard.press('Alt+ArrowUp');
    await expect.poll(savedOrder, { timeout: 20_000 }).toEqual(['Gamma', 'Beta', 'Alpha']);
    expect(findings).toEqual([]);
    expect(problems).toEqual([]);
  });

  it('keeps the first fix of a failure in a small window, and the others in a menu', async () => {
    const { page, manager, problems } = harness();
    await createProfile('Broken', { FAIL: 'unsupported_architecture' });
    expect((await manager.run('start', 'Broken', '--wait', '--json')).code).toBe(1);
    await harness().logIn();
    const detail = page.getByRole('region', { name: 'Broken' });
    const alert = detail.getByRole('alert');
    await alert.getByRole('button', { name: 'Try again' }).waitFor();
    await page.setViewportSize(SMALL);
    await alert.getByRole('button', { name: 'Check for a newer engine' }).waitFor();
    await alert.getByRole('button', { name: 'Try again' }).waitFor({ state: 'detached' });
    await alert.getByRole('button', { name: 'Other fixes' }).click();
    const findings = await photograph(page, 'server-fixes');
    await page.setViewportSize(SMALL);
    const menu = page.getByRole('menuitem', { name: 'Try again' });
    if (!(await menu.isVisible())) await alert.getByRole('button', { name: 'Other fixes' }).click();
    await menu.click();
    await detail.getByText('Failed').first().waitFor();
    expect(findings).toEqual([]);
    expect(problems).toEqual([]);
  });

  it('never covers a name with the fix of its failure, in a small window or a large type', async () => {
    const { page, manager } = harness();
    const name = 'Mistral Small 3.2 24B Instruct with a long name';
    await createProfile(name, { FAIL: 'unsupported_architecture' });
    expect((await manager.run('start', name, '--wait', '--json')).code).toBe(1);
    await harness().logIn();
    const fix = row(name).getByRole('button', { name: 'Find an update' });
    await row(name).getByText('Failed: not supported').waitFor();
    // A window of 1440 by 900 at 200 % is one of 720 by 450.
    for (const size of [SMALL, { width: 1100, height: 700 }, { width: 720, height: 450 }]) {
      await page.setViewportSize(size);
      const button = await fix.boundingBox();
      const title = await row(name).getByText(name, { exact: true }).boundingBox();
      if (!button || !title) throw new Error('The row is not there.');
      expect(title.x + title.width, JSON.stringify(size)).toBeLessThanOrEqual(button.x);
      expect(title.width).toBeGreaterThan(60);
    }
  });

  it('says the same number for free memory in every place', async () => {
    const { page, manager } = harness();
    await createProfile('Amber');
    await manager.json('settings', 'set', 'serverMemoryLimitGib', '2');
    await harness().logIn();
    await row('Amber').getByRole('button').first().click();
    const detail = page.getByRole('region', { name: 'Amber' });
    await detail.getByText('2.0 GiB of your 2.0 GiB limit for servers is free').waitFor();
    await page.getByText('2.0 of 2.0 GiB free').waitFor();
    expect((await manager.run('status')).stdout).toContain('Memory   2.0 GiB of 2.0 GiB free');
  });

  it('offers the restart where the settings of a running server were changed', async () => {
    const { page, manager } = harness();
    await createProfile('Amber');
    await manager.json('start', 'Amber', '--wait');
    await harness().logIn();
    await page.getByRole('tab', { name: 'Settings' }).click();
    await page.getByLabel('Temperature', { exact: true }).fill('0.4');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('button', { name: 'Restart to apply', exact: true }).waitFor();
    expect(await photograph(page, 'settings-restart')).toEqual([]);
    await page.getByRole('button', { name: 'Restart to apply', exact: true }).click();
    await page
      .getByRole('button', { name: 'Restart to apply', exact: true })
      .waitFor({ state: 'detached' });
    expect(await page.title()).toBe('Amber · Servers · MLX Manager');
  });

  it('has a menu of its own on every row, by a right click', async () => {
    const { page, manager, problems } = harness();
    await createProfile('Qwen');
    await createProfile('Llama');
    await harness().logIn();
    const row = page.getByRole('button', { name: /^Llama/ });
    await row.click({ button: 'right' });
    const menu = page.getByRole('menu');
    expect(await menu.getByRole('menuitem').allInnerTexts()).toEqual([
      'Start',
      'Edit',
      'Duplicate',
      'Copy address',
      'Show logs',
      expect.stringMatching(/^Move up/),
      expect.stringMatching(/^Move down/),
      'Delete…',
    ]);
    const findings = await photograph(page, 'server-row-menu');
    if (!(await menu.isVisible())) await row.click({ button: 'right' });
    await menu.getByRole('menuitem', { name: 'Start' }).click();
    await page.getByRole('button', { name: 'Stop Llama' }).waitFor();
    await page.getByText('Ready').first().waitFor();
    await row.click({ button: 'right' });
    await menu.getByRole('menuitem', { name: 'Delete…' }).click();
    await page.getByRole('button', { name: 'Stop and delete Llama' }).click();
    await row.waitFor({ state: 'detached' });
    expect(await manager.json('status')).toMatchObject({ servers: [{ name: 'Qwen' }] });
    expect(findings).toEqual([]);
    expect(problems).toEqual([]);
  });

  it('tells of a crash until it was read, and leads to the log of that run', async () => {
    const { page, manager, problems } = harness();
    await createProfile('Crasher');
    expect((await manager.run('start', 'Crasher', '--wait', '--json')).code).toBe(0);
    const { servers } = (await manager.json('status')) as { servers: { pid: number }[] };
    const pid = servers[0]?.pid ?? 0;
    expect(pid).toBeGreaterThan(0);
    await harness().logIn();
    process.kill(pid, 'SIGKILL');
    const crash = page.getByRole('region', { name: 'Crash', exact: true });
    await crash.getByText(/^Last crash: Today/).waitFor();
    await page
      .getByText(/Ready, crashed/)
      .first()
      .waitFor();
    const findings = await photograph(page, 'server-crash');
    await crash.getByRole('link', { name: 'Show log' }).click();
    await page.getByRole('region', { name: 'Log of run 1' }).waitFor();
    await page.getByRole('tab', { name: 'Overview' }).click();
    await crash.getByRole('button', { name: 'Dismiss' }).click();
    await crash.waitFor({ state: 'detached' });
    expect(findings).toEqual([]);
    expect(problems).toEqual([]);
  });
});

describe('the log of a server', () => {
  it('shows only what a filter lets through, and searches within it', async () => {
    const { page, manager, problems } = harness();
    await createProfile('Broken', { FAIL: 'unsupported_architecture' });
    expect((await manager.run('start', 'Broken', '--wait', '--json')).code).toBe(1);
    await harness().logIn();
    await page.getByRole('tab', { name: 'Logs' }).click();
    const log = page.getByRole('region', { name: /^Log of run/ });
    const httpd = log.getByText(/Starting httpd/);
    await httpd.waitFor();

    await page.getByRole('radio', { name: 'Errors' }).click();
    await httpd.waitFor({ state: 'detached' });
    await log.getByText(/Model type nonsense/).waitFor();
    await page.getByText(/^\d+ of \d+ lines$/).waitFor();
    await page.getByRole('searchbox', { name: 'Search this run' }).fill('nonsense');
    await page.getByText('1 of 1').waitFor();
    const findings = await photograph(page, 'server-logs-filtered');
    await page.getByRole('searchbox', { name: 'Search this run' }).fill('');

    await page.getByRole('combobox', { name: 'Source' }).selectOption('manager');
    await page.getByText('No error from MLX Manager in this run.').waitFor();
    findings.push(...(await photograph(page, 'server-logs-filtered-empty')));
    await page.getByRole('button', { name: 'Show all lines' }).click();
    await httpd.waitFor();

    await page.setViewportSize(SMALL);
    await page.getByRole('button', { name: 'Filter', exact: true }).click();
    await page.getByRole('menuitemcheckbox', { name: 'Manager' }).click();
    await httpd.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Filter: every line from MLX Manager' }).click();
    findings.push(...(await photograph(page, 'server-logs-filter-menu')));
    expect(findings).toEqual([]);
    expect(problems).toEqual([]);
  });

  it("hides the lines about the manager's own checks until they are asked for", async () => {
    const { page, manager, problems } = harness();
    await createProfile('Checked');
    expect((await manager.run('start', 'Checked', '--wait', '--json')).code).toBe(0);
    await harness().logIn();
    await page.getByRole('tab', { name: 'Logs' }).click();
    const log = page.getByRole('region', { name: /^Log of run/ });
    await log.getByText(/returned a token/).waitFor();
    const check = log.getByText(/health HTTP/).first();
    expect(await check.count()).toBe(0);
    const findings = await photograph(page, 'server-logs-checks-hidden');
    await page.getByRole('switch', { name: 'Show checks' }).click();
    await check.waitFor();
    findings.push(...(await photograph(page, 'server-logs-checks')));
    await page.getByRole('switch', { name: 'Show checks' }).click();
    await check.waitFor({ state: 'detached' });
    await log.getByText(/returned a token/).waitFor();
    expect(findings).toEqual([]);
    expect(problems).toEqual([]);
  });

  it('shows a progress bar in its newest state, as one line', async () => {
    const { page, manager, problems } = harness();
    await createProfile('Loading', { OUTPUT: 'bar' });
    expect((await manager.run('start', 'Loading', '--json')).code).toBe(0);
    await harness().logIn();
    await page.getByRole('tab', { name: 'Logs' }).click();
    const log = page.getByRole('region', { name: /^Log of run/ });
    const bar = log.getByText(/^step \d+ of many$/);
    const step = async (): Promise<number> =>
      Number(/\d+/.exec((await bar.textContent()) ?? '')?.[0]);
    await bar.waitFor();
    const first = await step();
    // `textContent` refuses several: it stays one line.
    await expect.poll(step, { timeout: 20_000 }).toBeGreaterThan(first + 5);
    expect(problems).toEqual([]);
  });
});

describe('a long log', () => {
  it('keeps its place when a filter is taken away', async () => {
    const { page, manager, problems } = harness();
    await createProfile('Long log');
    const id = await profileId('Long log');
    await writeRun(join(manager.home.paths.logs, id), 3000);
    await harness().logIn();
    await page.goto(`${manager.url}/#/servers/${id}/logs`);
    await page.getByText('3,000 lines').waitFor();
    const log = page.getByRole('region', { name: 'Log of run 1' });
    await page.getByRole('radio', { name: 'Warnings' }).click();
    await page.getByText('300 of 3,000 lines').waitFor();
    await log.evaluate((element) => {
      element.scrollTop = (element.scrollHeight - element.clientHeight) / 2;
    });
    await log.getByText('WARNING in line 1500', { exact: true }).waitFor();
    await page.getByRole('radio', { name: 'All' }).click();
    await log.getByText('line 1501', { exact: true }).waitFor();
    await page.setViewportSize({ width: 1000, height: 700 });
    await page.getByRole('searchbox', { name: 'Search this run' }).fill('warning');
    await page.getByText('300 of 300').waitFor();
    await page.getByRole('button', { name: 'More for this run' }).click();
    await page.getByRole('menuitemcheckbox', { name: 'Wrap long lines' }).click();
    expect(await photograph(page, 'server-logs-long')).toEqual([]);
    expect(problems).toEqual([]);
  });
});

describe('the form of a new profile', () => {
  it('shows nothing in red before a key was pressed, and says what is still needed', async () => {
    const { page } = harness();
    await createProfile('Other');
    await harness().logIn();
    await page.getByRole('button', { name: 'New profile' }).click();
    const create = page.getByRole('button', { name: 'Create' });
    await expect
      .poll(() => create.getAttribute('aria-description'))
      .toBe('Enter a name and a model first');
    expect(await page.getByText(/to correct/).count()).toBe(0);
    expect(await page.locator('[aria-invalid=true]').count()).toBe(0);
    await page.getByLabel('Port', { exact: true }).fill('80');
    await page.getByText('1 field to correct').waitFor();
  });

  it('names a taken port before there is a name or a model', async () => {
    const { page, problems } = harness();
    const port = await createProfile('Taken');
    await harness().logIn();
    await page.getByRole('button', { name: 'New profile' }).click();
    await page.getByLabel('Port', { exact: true }).fill(String(port));
    await page.getByText(`Port ${port} is used by the profile Taken.`).waitFor();
    expect(await photograph(page, 'new-profile-port')).toEqual([]);
    await page.getByRole('button', { name: /^Use \d+$/ }).click();
    await page
      .getByText(`Port ${port} is used by the profile Taken.`)
      .waitFor({ state: 'detached' });
    expect(problems).toEqual([]);
  });
});
