import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openPage, outline } from '@fixtures/desktop-harness';
import { until } from '@fixtures/until';
import { eachTestOpensDesktop, it } from '@fixtures/electron/it';
import { photograph } from '@fixtures/browser';
import { describe, expect } from 'vitest';

const harness = eachTestOpensDesktop();

describe('opening at login', () => {
  it('is switched on in Settings, and what the system says of it is what is shown', async () => {
    const desktop = await harness().launch({ packaged: true });
    await openPage(desktop);
    await desktop.clickMenu('settings');
    const page = await desktop.page();
    const row = page.getByRole('switch', { name: 'Open at login' });
    await row.click();
    await until(async () => {
      const { openAtLogin, status } = (await desktop.asked()).loginItem;
      return openAtLogin && status === 'enabled';
    }, 'the login item to be enabled');
    await page.waitForFunction(() =>
      document.querySelector('[data-field=openAtLogin] [data-state=checked]'),
    );
    // The person takes it away in the system's own settings.
    await desktop.setLoginStatus('requires-approval');
    await desktop.activate();
    await page.getByText('Requires approval in System Settings').waitFor();
    expect(await photograph(page, 'desktop-settings-approval')).toEqual([]);
    await page.getByRole('button', { name: 'Open System Settings' }).click();
    expect((await desktop.asked()).opened).toEqual([
      'x-apple.systempreferences:com.apple.LoginItems-Settings.extension',
    ]);
    await row.click();
    await until(
      async () => !(await desktop.asked()).loginItem.openAtLogin,
      'the login item to be switched off',
    );
  });

  it('says so where the system does not take it, and stays off', async () => {
    const desktop = await harness().launch({ packaged: true, refusesLoginItem: true });
    await openPage(desktop);
    await desktop.clickMenu('settings');
    const page = await desktop.page();
    const row = page.getByRole('switch', { name: 'Open at login' });
    // Before the first time the system does not know it, which is no fault.
    expect(await page.getByText(/Move it to the Applications folder/).count()).toBe(0);
    await row.click();
    await page.getByText(/Move it to the Applications folder/).waitFor();
    expect(await row.isChecked()).toBe(false);
  });

  it('cannot be switched on where it would not work, and says why', async () => {
    const desktop = await harness().launch();
    await openPage(desktop);
    await desktop.clickMenu('settings');
    const page = await desktop.page();
    expect(await page.getByRole('switch', { name: 'Open at login' }).isDisabled()).toBe(true);
    await page.getByText(/running from source\. Install the app/).waitFor();
  });

  it('shows no window, starts the chosen profiles one after the other, and reports on each', async () => {
    const first = await harness().launch({ args: ['--hidden'] });
    await harness().registerEngine();
    const good = await harness().createProfile('Good', {
      start: 'app',
      faults: { LOAD_MS: '400' },
    });
    const bad = await harness().createProfile('Bad', {
      start: 'app',
      faults: { FAIL: 'unsupported_architecture' },
    });
    const other = await harness().createProfile('Not chosen');
    await first.quit();
    await first.exited;

    const desktop = await harness().launch({ packaged: true, openedAtLogin: true });
    await harness().waitFor(good, 'ready');
    await harness().waitFor(bad, 'failed');
    expect((await harness().waitFor(other, 'stopped')).state).toBe('stopped');
    expect(await desktop.windows()).toEqual([]);
    expect((await desktop.asked()).dock.changes.some(({ visible }) => visible)).toBe(false);
    await desktop.activate();
    const page = await openPage(desktop);
    const report = page.getByRole('region', { name: 'What started at login' });
    await report.waitFor();
    expect(await report.getByRole('listitem').allInnerTexts()).toEqual([
      expect.stringMatching(/^Good\s+ready\s+\d+(\.\d)? s$/),
      expect.stringMatching(/^Bad\s+not started: .*architecture/),
    ]);
    await report.getByText('1 of 2 profiles started').waitFor();
    expect(await photograph(page, 'desktop-login-report')).toEqual([]);
    await report.getByRole('button', { name: 'Close' }).click();
    await report.waitFor({ state: 'detached' });
  });

  it('starts nothing where that is switched off', async () => {
    const first = await harness().launch({ args: ['--hidden'] });
    await harness().registerEngine();
    const id = await harness().createProfile('Good', { start: 'app' });
    const client = await harness().client();
    await client.call('settings.set', { key: 'startProfiles', value: false });
    await client.call('settings.set', { key: 'showWindowAtLogin', value: true });
    await first.quit();
    await first.exited;
    const desktop = await harness().launch({ packaged: true, openedAtLogin: true });
    await openPage(desktop);
    expect((await harness().waitFor(id, 'stopped')).state).toBe('stopped');
  });
});

describe('after the machine went down while servers ran', () => {
  it('holds what it would start, names what ran, and starts it when it is told to', async () => {
    const first = await harness().launch({ args: ['--hidden'] });
    await harness().registerEngine();
    const id = await harness().createProfile('Heavy', { start: 'app' });
    const client = await harness().client();
    const { pid } = await client
      .call('servers.start', { profileId: id })
      .then(() => harness().waitFor(id, 'ready'));
    first.kill('SIGKILL');
    await first.exited;
    // What a crash of the machine leaves: no process, and a record that was written in an earlier boot.
    process.kill(pid ?? 0, 'SIGKILL');
    const run = join(harness().home.paths.home, 'run');
    const [name = ''] = (await readdir(run)).filter((file) => file.endsWith('.server.json'));
    const record = JSON.parse(await readFile(join(run, name), 'utf8'));
    expect(record.boot).toMatch(/[0-9a-f-]{36}/);
    await writeFile(join(run, name), JSON.stringify({ ...record, boot: 'an earlier one' }));

    const desktop = await harness().launch({ packaged: true, openedAtLogin: true });
    await harness().client();
    await until(async () => {
      const labels = outline((await desktop.tray()).items as never);
      return labels.includes('Nothing started at login') ? true : undefined;
    }, 'the menu to say so');
    expect((await harness().waitFor(id, 'stopped')).state).toBe('stopped');
    await desktop.clickTray('held-show');
    const page = await openPage(desktop);
    const report = page.getByRole('region', { name: 'Nothing was started' });
    await report.getByText(/shut down unexpectedly while Heavy was running/).waitFor();
    expect(await photograph(page, 'desktop-held')).toEqual([]);
    await report.getByRole('button', { name: 'Start it now' }).click();
    await harness().waitFor(id, 'ready');
  });

  it('a manager that was killed is no crash of the machine: its servers are taken over', async () => {
    const first = await harness().launch({ args: ['--hidden'] });
    await harness().registerEngine();
    const id = await harness().createProfile('Heavy', { start: 'app' });
    const client = await harness().client();
    await client.call('servers.start', { profileId: id });
    const before = await harness().waitFor(id, 'ready');
    first.kill('SIGKILL');
    await first.exited;
    await harness().launch({ packaged: true, openedAtLogin: true });
    const after = await harness().waitFor(id, 'ready');
    expect(after).toMatchObject({ pid: before.pid, adopted: true });
  });
});
