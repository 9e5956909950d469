import { openPage, outline } from '@fixtures/desktop-harness';
import { until } from '@fixtures/until';
import { eachTestOpensDesktop, it } from '@fixtures/electron/it';
import { photograph } from '@fixtures/browser';
import { findFreePort, isListening, processesNaming } from '@fixtures/temp-home';
import { expect } from 'vitest';

/** Set by `npm test` where the Python package index does not answer. */
const NO_INDEX = process.env.MLX_MANAGER_NO_INDEX;

const INSTALL_MS = 300_000;
const LOAD_MS = 60_000;

const harness = eachTestOpensDesktop();

it.skipIf(NO_INDEX)(
  'the main job as a person does it: install, start, stop from the menu bar, a crash, a login, a quit',
  async () => {
    let desktop = await harness().launch({ packaged: true });
    let page = await openPage(desktop);
    await page.getByRole('button', { name: 'Set up and start' }).click();
    await until(async () => {
      const labels = outline((await desktop.tray()).items as never);
      return labels.some((label) => /^mlx-lm {2}\d+ %$/.test(label)) ? true : undefined;
    }, 'the installation in the menu bar');
    expect((await desktop.asked()).blockers).toMatchObject([{ stopped: false }]);
    // Nothing more is clicked until it has answered.
    await page.getByRole('region', { name: 'First answer' }).waitFor({ timeout: INSTALL_MS });
    const client = await harness().client();
    const id = await until(async () => {
      const [profile] = await client.call('profiles.list');
      return profile?.id;
    }, 'the first profile');
    const server = await harness().waitFor(id, 'ready');
    await until(async () => {
      const { image, items } = await desktop.tray();
      const isShown = outline(items as never).some((label) => label.endsWith('  ready'));
      return image.file.includes('trayRunning') && isShown ? true : undefined;
    }, 'the running server in the menu bar');
    expect(await photograph(page, 'desktop-first-server')).toEqual([]);
    await page.getByRole('button', { name: 'Close setup' }).click();
    await page.getByRole('button', { name: 'Send test request' }).waitFor();

    // From the menu bar, while nobody looks at the window.
    await desktop.closeWindow();
    await desktop.clickTray(`stop:${id}`);
    await harness().waitFor(id, 'stopped');
    expect(await isListening(server.port)).toBe(false);

    // It is to run at each login, on a port that no other test has.
    const port = await findFreePort();
    await client.call('profiles.update', { profileId: id, changes: { start: 'app', port } });
    await desktop.clickTray(`start:${id}`);
    const before = await harness().waitFor(id, 'ready');

    // The manager dies in the middle; the server goes on, and at login it is taken over.
    desktop.kill('SIGKILL');
    await desktop.exited;
    expect(await isListening(port)).toBe(true);
    desktop = await harness().launch({ packaged: true, openedAtLogin: true });
    const after = await harness().waitFor(id, 'ready');
    expect(after).toMatchObject({ pid: before.pid, adopted: true });
    expect(await desktop.windows()).toEqual([]);

    await desktop.activate();
    page = await openPage(desktop);
    await page.getByRole('button', { name: 'Send test request' }).click();
    await page.getByText(/^First token/).waitFor();

    await desktop.clickMenu('quit');
    expect(await desktop.exited).toEqual({ code: 0, signal: null });
    expect(await processesNaming(harness().home.folder)).toEqual([]);
    expect(await isListening(port)).toBe(false);
  },
  INSTALL_MS + 4 * LOAD_MS,
);
