import { setTimeout as sleep } from 'node:timers/promises';
import { openPage, outline } from '@fixtures/desktop-harness';
import { until } from '@fixtures/until';
import { eachTestOpensDesktop, it } from '@fixtures/electron/it';
import { describe, expect } from 'vitest';

const harness = eachTestOpensDesktop();

describe('the menu-bar icon', () => {
  it('shows each profile and starts and stops it, with a picture for every state', async () => {
    const desktop = await harness().launch({ args: ['--hidden'] });
    await harness().registerEngine();
    const id = await harness().createProfile('Qwen & Söhne', { faults: { LOAD_MS: '1200' } });
    const image = async () =>
      (await desktop.tray()).image.file.match(/tray(\w+)Template\.png$/)?.[1];
    const shows = (label: string) =>
      until(
        async () =>
          outline((await desktop.tray()).items as never).includes(label) ? true : undefined,
        `“${label}” in the menu`,
      );
    await shows('Qwen && Söhne  stopped');
    const tray = await desktop.tray();
    expect(tray.image).toMatchObject({ width: 16, height: 16, template: true });
    expect(await image()).toBe('Idle');
    expect(tray.items.find((item) => item.id === `server:${id}`)?.icon).toMatchObject({
      file: expect.stringMatching(/offTemplate\.png$/),
      template: true,
      width: 16,
    });
    await desktop.clickTray(`start:${id}`);
    await until(
      async () => ((await image()) === 'Loading' ? true : undefined),
      'the loading picture',
    );
    await harness().waitFor(id, 'ready');
    await until(
      async () => ((await image()) === 'Running' ? true : undefined),
      'the running picture',
    );
    await shows('Qwen && Söhne  ready');
    await desktop.clickTray(`copy:${id}`);
    const { url } = await harness().waitFor(id, 'ready');
    expect((await desktop.asked()).clipboard).toBe(url);
    await desktop.clickTray(`restart:${id}`);
    await harness().waitFor(id, 'loading');
    await harness().waitFor(id, 'ready');
    await desktop.clickTray(`stop:${id}`);
    await harness().waitFor(id, 'stopped');
    await until(async () => ((await image()) === 'Idle' ? true : undefined), 'the idle picture');
  });

  it('says what is wrong with a failed one, and leads to what mends it', async () => {
    const desktop = await harness().launch({ args: ['--hidden'] });
    await harness().registerEngine();
    const id = await harness().createProfile('Broken', {
      faults: { FAIL: 'unsupported_architecture' },
    });
    const client = await harness().client();
    await client.call('servers.start', { profileId: id });
    const { failure } = await harness().waitFor(id, 'failed');
    const items = await until(async () => {
      const menu = (await desktop.tray()).items.find((item) => item.id === `server:${id}`);
      return menu?.items?.some((item) => item.id === `failure:${id}:0`) ? menu.items : undefined;
    }, 'the failure in the menu');
    const text = items
      .filter((item) => item.id.startsWith('failure:'))
      .map((item) => item.label)
      .join(' ');
    expect(failure?.message.startsWith(text.slice(0, 30))).toBe(true);
    expect((await desktop.tray()).image.file).toMatch(/trayProblemTemplate/);
    await desktop.clickTray(`show:${id}`);
    const page = await openPage(desktop);
    await page.getByRole('heading', { name: 'Broken' }).waitFor();
  });

  it('is drawn at most twice a second however fast servers change, and ends with the truth', async () => {
    const desktop = await harness().launch({ args: ['--hidden'] });
    await harness().registerEngine();
    const ids: string[] = [];
    for (let index = 0; index < 10; index++)
      ids.push(await harness().createProfile(`Server ${index}`));
    const client = await harness().client();
    const before = (await desktop.tray()).drawn.length;
    // Each rename is an event of every server: ten servers, about ten times a second.
    for (let round = 0; (await desktop.tray()).drawn.length < before + 6; round++) {
      await Promise.all(
        ids.map((profileId, index) =>
          client.call('profiles.update', { profileId, changes: { name: `S${index} r${round}` } }),
        ),
      );
    }
    await Promise.all(
      ids.map((profileId, index) =>
        client.call('profiles.update', { profileId, changes: { name: `Last ${index}` } }),
      ),
    );
    await until(async () => {
      const labels = outline((await desktop.tray()).items as never);
      return ids.every((_, index) => labels.includes(`Last ${index}  stopped`)) ? true : undefined;
    }, 'the last names in the menu');
    const { drawn } = await desktop.tray();
    const times = drawn.slice(before);
    const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0));
    expect(times.length).toBeGreaterThan(5);
    expect(Math.min(...gaps)).toBeGreaterThan(490);
  });

  it('is not replaced while its menu is open', async () => {
    const desktop = await harness().launch({ args: ['--hidden'] });
    await harness().registerEngine();
    const id = await harness().createProfile('Before');
    await until(
      async () =>
        outline((await desktop.tray()).items as never).includes('Before  stopped')
          ? true
          : undefined,
      'the profile in the menu',
    );
    await desktop.openTray();
    const client = await harness().client();
    await client.call('profiles.update', { profileId: id, changes: { name: 'After' } });
    // Fixed wait: the menu may not change in it, which it otherwise does every half second.
    await sleep(800);
    expect(outline((await desktop.tray()).items as never)).toContain('Before  stopped');
    await desktop.closeTray();
    await until(
      async () =>
        outline((await desktop.tray()).items as never).includes('After  stopped')
          ? true
          : undefined,
      'the new name',
    );
  });

  it('where the system hides it, the application stays in the Dock', async () => {
    const desktop = await harness().launch({ args: ['--hidden'], tray: 'hidden' });
    await harness().client();
    await until(async () => {
      const { changes } = (await desktop.asked()).dock;
      return changes.at(-1)?.visible === true ? true : undefined;
    }, 'the Dock icon');
  });

  it('under the camera housing nobody sees it: the application stays in the Dock', async () => {
    const desktop = await harness().launch({ args: ['--hidden'], tray: 'under-notch' });
    await harness().client();
    await until(async () => {
      const { changes } = (await desktop.asked()).dock;
      return changes.at(-1)?.visible === true ? true : undefined;
    }, 'the Dock icon');
  });

  it('a click is carried out though something changed while its menu was open', async () => {
    const desktop = await harness().launch({ args: ['--hidden'] });
    await harness().registerEngine();
    await desktop.openTray();
    const id = await harness().createProfile('Newer than the menu');
    await harness().waitFor(id, 'stopped');
    await until(
      async () =>
        (await desktop.menu()).items.length > 0 &&
        JSON.stringify(await desktop.menu()).includes('Newer than'),
      'the application menu, which is drawn at once',
    );
    // Fixed wait: longer than two drawings must be apart, so that only the open menu holds up the next one.
    await new Promise((done) => setTimeout(done, 700));
    await desktop.clickTray('open');
    await until(async () => (await desktop.windows())[0]?.visible, 'the window that was asked for');
  });
});

describe('the application menu', () => {
  it('does in the window what the palette does', async () => {
    const desktop = await harness().launch();
    await harness().registerEngine();
    const id = await harness().createProfile('Qwen');
    const page = await openPage(desktop);
    for (const screen of ['models', 'engines', 'settings', 'servers']) {
      await desktop.clickMenu(`go:${screen}`);
      await page.waitForURL(new RegExp(`#/${screen}$`));
    }
    await desktop.clickMenu('palette');
    await page.getByRole('dialog', { name: 'Command palette' }).waitFor();
    await page.keyboard.press('Escape');
    await desktop.clickMenu('new');
    await page.getByRole('heading', { name: 'New profile' }).waitFor();
    await until(async () => {
      const { items } = await desktop.menu();
      return outline(items as never).includes('  Qwen') ? true : undefined;
    }, 'the profile in the menu');
    await desktop.clickMenu(`logs:${id}`);
    await page.waitForURL(new RegExp(`#/servers/${id}/logs$`));
    await desktop.clickMenu('find');
    await desktop.clickMenu(`start:${id}`);
    await harness().waitFor(id, 'ready');
    await desktop.clickMenu('stop-all');
    await harness().waitFor(id, 'stopped');
    await desktop.clickMenu('theme:dark');
    await until(
      async () => ((await desktop.asked()).themeSource === 'dark' ? true : undefined),
      'dark',
    );
  });

  it('opens a closed window for what needs one, and only pages that we know outside', async () => {
    const desktop = await harness().launch({ args: ['--hidden'] });
    await harness().client();
    await desktop.clickMenu('settings');
    const page = await openPage(desktop);
    await page.waitForURL(/#\/settings$/);
    await desktop.clickMenu('documentation');
    expect((await desktop.asked()).opened).toEqual([
      expect.stringMatching(/^https:\/\/github\.com\//),
    ]);
  });
});

it('what was typed and not saved is there again when the window was closed meanwhile', async () => {
  const desktop = await harness().launch();
  const id = await harness().createProfile('Qwen');
  const page = await openPage(desktop);
  await page.getByRole('heading', { name: 'Qwen', level: 2 }).waitFor();
  await desktop.clickMenu(`edit:${id}`);
  await page.getByLabel('Name', { exact: true }).fill('Qwen two');
  await page.getByText('Unsaved changes', { exact: true }).waitFor();
  await desktop.closeWindow();
  await desktop.clickMenu(`edit:${id}`);
  const again = await openPage(desktop);
  await again.getByText('Unsaved changes', { exact: true }).waitFor();
  expect(await again.getByLabel('Name', { exact: true }).inputValue()).toBe('Qwen two');
});

describe('what is told while nobody looks', () => {
  it('a server that has given up, with a way to it; not while the window is in front', async () => {
    const desktop = await harness().launch({ notifications: 'allowed' });
    await harness().registerEngine();
    const page = await openPage(desktop);
    const id = await harness().createProfile('Broken', {
      faults: { FAIL: 'unsupported_architecture' },
    });
    const client = await harness().client();
    await client.call('servers.start', { profileId: id });
    await harness().waitFor(id, 'failed');
    // Fixed wait: nothing may be told in it.
    await page.waitForTimeout(300);
    expect((await desktop.asked()).notifications).toEqual([]);
    await desktop.blurWindow();
    await client.call('servers.start', { profileId: id });
    await until(
      async () => ((await desktop.asked()).notifications.length > 0 ? true : undefined),
      'a notification',
    );
    const { notifications } = await desktop.asked();
    expect(notifications).toMatchObject([{ title: 'Broken failed: not supported' }]);
    await desktop.clickNotification(0);
    await page.waitForURL(new RegExp(`#/servers/${id}$`));
    expect((await desktop.windows())[0]?.focused).toBe(true);
  });

  it('the machine is kept awake while a server loads, and only then', async () => {
    const desktop = await harness().launch({ args: ['--hidden'] });
    await harness().registerEngine();
    const blockers = async () => (await desktop.asked()).blockers.filter(({ stopped }) => !stopped);
    await until(async () => ((await blockers()).length === 0 ? true : undefined), 'sleep allowed');
    const id = await harness().createProfile('Slow', { faults: { LOAD_MS: '1500' } });
    const client = await harness().client();
    await client.call('servers.start', { profileId: id });
    await harness().waitFor(id, 'loading');
    expect(await blockers()).toEqual([
      { id: expect.any(Number), type: 'prevent-app-suspension', stopped: false },
    ]);
    await harness().waitFor(id, 'ready');
    await until(
      async () => ((await blockers()).length === 0 ? true : undefined),
      'sleep allowed again',
    );
  });

  it('a wake asks every server at once whether it still answers', async () => {
    const desktop = await harness().launch({ args: ['--hidden'] });
    await harness().registerEngine();
    const id = await harness().createProfile('Qwen');
    const client = await harness().client();
    await client.call('servers.start', { profileId: id });
    await harness().waitFor(id, 'ready');
    const requests = async () => {
      const { lines } = await client.call('logs.read', { profileId: id });
      return lines.filter(({ text }) => /POST \/\S*v1\/chat/.test(text)).length;
    };
    const before = await requests();
    await desktop.power('suspend');
    await desktop.power('resume');
    await until(
      async () => ((await requests()) > before ? true : undefined),
      'a question to the server',
    );
    expect((await harness().waitFor(id, 'ready')).restarts).toBe(0);
  });
});
