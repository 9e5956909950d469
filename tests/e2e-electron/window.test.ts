import { chmod, readdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { openPage, outline } from '@fixtures/desktop-harness';
import { until } from '@fixtures/until';
import { eachTestOpensDesktop, it } from '@fixtures/electron/it';
import { startFakeHub } from '@fixtures/fake-hub/hub';
import { describe, expect } from 'vitest';

const harness = eachTestOpensDesktop();

describe('what the page is allowed', () => {
  it('gets three functions and nothing of Node or Electron', async () => {
    const page = await openPage(await harness().launch());
    const seen = await page.evaluate(() => ({
      bridge: Object.keys(window.mlx ?? {}),
      frozen: Object.isFrozen(window.mlx),
      others: ['require', 'process', 'module', 'Buffer', 'ipcRenderer', 'electron'].filter(
        (name) => name in globalThis,
      ),
    }));
    expect(seen).toEqual({ bridge: ['invoke', 'onEvent', 'onCommand'], frozen: true, others: [] });
  });

  it('is sandboxed, isolated and without Node, and nothing dangerous is switched on', async () => {
    const desktop = await harness().launch();
    await openPage(desktop);
    const [window] = await desktop.windows();
    expect(window?.options.webPreferences).toEqual({
      preload: expect.stringMatching(/dist\/preload\/preload\.cjs$/),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      spellcheck: false,
    });
  });

  it('runs no script but its own: inline, eval and foreign ones are stopped by its policy', async () => {
    const page = await openPage(await harness().launch());
    const blocked: string[] = [];
    await page.exposeFunction('note', (text: string) => blocked.push(text));
    const result = await page.evaluate(async () => {
      document.addEventListener('securitypolicyviolation', (event) =>
        (window as never as { note(text: string): void }).note(event.effectiveDirective),
      );
      const inline = document.createElement('script');
      inline.textContent = 'window.inlineRan = true';
      document.head.append(inline);
      const image = new Image();
      image.src = 'https://evil.invalid/pixel.png';
      const frame = document.createElement('iframe');
      frame.src = 'https://evil.invalid/';
      document.body.append(frame);
      const fetched = await fetch('https://evil.invalid/').then(
        () => 'answered',
        () => 'refused',
      );
      let evaluated = 'ran';
      try {
        new Function('return 1')();
      } catch {
        evaluated = 'refused';
      }
      return { inline: 'inlineRan' in window, fetched, evaluated };
    });
    // `evaluate` itself is let through by the debugger, so only what the page did counts.
    expect(result).toMatchObject({ inline: false, fetched: 'refused' });
    await until(
      async () => (new Set(blocked).size >= 4 ? true : undefined),
      () => `the violations, seen: ${blocked.join(', ')}`,
    );
    expect(blocked).toEqual(
      expect.arrayContaining(['script-src-elem', 'img-src', 'frame-src', 'connect-src']),
    );
  });

  it('may write text to the clipboard, and nothing else', async () => {
    const desktop = await harness().launch();
    await openPage(desktop);
    const yes = { asked: true, checked: true };
    const no = { asked: false, checked: false };
    const ours = 'app://bundle/index.html';
    expect(await desktop.permission('clipboard-sanitized-write', ours)).toEqual(yes);
    expect(await desktop.permission('clipboard-sanitized-write', 'https://evil.invalid/')).toEqual(
      no,
    );
    for (const other of [
      'media',
      'geolocation',
      'notifications',
      'clipboard-read',
      'openExternal',
    ]) {
      expect(await desktop.permission(other, ours)).toEqual(no);
    }
  });

  it('cannot leave, open a window, or send a person anywhere but to the pages we know', async () => {
    const desktop = await harness().launch();
    const page = await openPage(desktop);
    const before = page.url();
    await page.evaluate(() => {
      window.location.href = 'https://evil.invalid/';
    });
    await page.evaluate(() => {
      window.location.href = 'file:///etc/passwd';
    });
    // Fixed wait: nothing may come of it.
    await page.waitForTimeout(300);
    expect(page.url()).toBe(before);
    expect(await page.getByRole('navigation').first().isVisible()).toBe(true);
  });
});

describe('what answers at its address', () => {
  it('is the built screens, with every security header, and nothing outside their folder', async () => {
    const desktop = await harness().launch({ args: ['--hidden'] });
    await harness().client();
    const page = await desktop.fetch('app://bundle/index.html');
    expect(page).toMatchObject({ status: 200, headers: { 'x-content-type-options': 'nosniff' } });
    expect(page?.headers['content-security-policy']).toMatch(
      /^default-src 'none'; script-src 'self'/,
    );
    expect(page?.headers['content-security-policy']).not.toMatch(/unsafe/);
    for (const url of [
      'app://bundle/../package.json',
      'app://bundle/%2e%2e/package.json',
      'app://bundle/..%2fpackage.json',
      'app://bundle/assets/../../main/shell.js',
      'app://bundle//etc/passwd',
      'app://bundle/..\\package.json',
      'app://bundle/index.html%00.png',
      'app://bundle/.hidden.js',
      'app://bundle/none.js',
    ]) {
      expect((await desktop.fetch(url))?.status, url).toBe(404);
    }
    for (const url of ['app://evil/index.html', 'app://bundle.evil/index.html']) {
      expect((await desktop.fetch(url))?.status, url).toBe(403);
    }
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
      expect((await desktop.fetch('app://bundle/index.html', method))?.status).toBe(405);
    }
    expect(await desktop.fetch('file:///etc/passwd')).toBeNull();
    const refused = await desktop.fetch('app://bundle/none.js');
    expect(refused?.headers['content-security-policy']).toMatch(/default-src 'none'/);
  });
});

describe('who may send messages', () => {
  it('only the main frame of our own page, before anything of a message is read', async () => {
    const desktop = await harness().launch();
    await openPage(desktop);
    const frame = { id: 1, method: 'app.info' };
    const ours = 'app://bundle/index.html#/servers';
    const send = (url: string, isMainFrame: boolean) =>
      desktop.invokeFrom({ url, isMainFrame }, 'mlx:request', frame);
    expect(await send(ours, true)).toMatchObject({ ok: true, result: { host: 'desktop' } });
    for (const [url, isMain] of [
      [ours, false],
      ['https://evil.invalid/', true],
      ['app://evil/index.html', true],
      ['file:///index.html', true],
    ] as const) {
      expect(await send(url, isMain)).toMatchObject({ ok: false, error: { code: 'unauthorised' } });
    }
    await expect(
      desktop.invokeFrom({ url: ours, isMainFrame: true }, 'shell:open', 'x'),
    ).rejects.toThrow(/No handler registered/);
  });

  it('what is no frame is refused as everywhere', async () => {
    const desktop = await harness().launch();
    await openPage(desktop);
    const sender = { url: 'app://bundle/index.html', isMainFrame: true };
    for (const bad of [
      null,
      5,
      'x',
      {},
      { id: 'a', method: 'app.info' },
      { id: 1, method: 'nope' },
    ]) {
      expect(await desktop.invokeFrom(sender, 'mlx:request', bad)).toMatchObject({ ok: false });
    }
  });
});

describe('closing and opening', () => {
  it('closing hides, the application stays in the menu bar and says so once, and the Dock follows', async () => {
    const desktop = await harness().launch();
    await openPage(desktop);
    expect((await desktop.windows())[0]).toMatchObject({ visible: true });
    expect((await desktop.asked()).dock.visible).toBe(true);
    await desktop.closeWindow();
    await until(
      async () => ((await desktop.windows())[0]?.visible ? undefined : true),
      'a hidden window',
    );
    await until(
      async () => ((await desktop.asked()).dock.visible ? undefined : true),
      'an empty Dock',
    );
    await until(
      async () => ((await desktop.asked()).notifications.length > 0 ? true : undefined),
      'the notification, which the system refuses at first',
    );
    expect((await desktop.asked()).notifications).toEqual([
      { title: 'MLX Manager is still running', body: expect.stringMatching(/Spotlight/) },
    ]);
    await desktop.activate();
    expect((await desktop.windows())[0]).toMatchObject({ visible: true, focused: true });
    await desktop.closeWindow();
    await until(
      async () => ((await desktop.windows())[0]?.visible ? undefined : true),
      'a hidden window',
    );
    expect((await desktop.asked()).notifications).toHaveLength(1);
    // macOS ignores what comes within a second of the last change.
    const { changes } = (await desktop.asked()).dock;
    const gaps = changes.slice(1).map(({ at }, index) => at - (changes[index]?.at ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThan(1100);
  });

  it('says that it goes on as long as the system has not shown it, also at the next start', async () => {
    const first = await harness().launch({ notifications: 'refused' });
    await openPage(first);
    await first.closeWindow();
    await until(
      async () => ((await first.asked()).dock.visible ? undefined : true),
      'an empty Dock',
    );
    expect((await first.asked()).notifications).toEqual([]);
    await first.quit();
    await first.exited;
    const second = await harness().launch({ notifications: 'allowed' });
    await openPage(second);
    await second.closeWindow();
    await until(
      async () => (await second.asked()).notifications.length > 0 || undefined,
      'the notification',
    );
  });

  it('minimised, covered or hidden with the application it is open: the Dock keeps it, nothing is said', async () => {
    const desktop = await harness().launch({ notifications: 'allowed' });
    await openPage(desktop);
    await desktop.minimizeWindow();
    await desktop.activate();
    await desktop.coverWindow();
    await desktop.activate();
    await desktop.hideApplication(true);
    await desktop.hideApplication(false);
    expect((await desktop.asked()).notifications).toEqual([]);
    await desktop.closeWindow();
    await until(
      async () => ((await desktop.asked()).dock.visible ? undefined : true),
      'an empty Dock',
    );
    const { changes } = (await desktop.asked()).dock;
    // The first hide is that of an application that begins without a Dock icon.
    expect(changes.map(({ visible }) => visible)).toEqual([true, false]);
  });

  it('has a menu for text, fields and links, in the order of the system', async () => {
    const desktop = await harness().launch();
    await openPage(desktop);
    const labels = async (params: Parameters<typeof desktop.rightClick>[0]) =>
      outline((await desktop.rightClick(params)) as never);
    expect(await labels({})).toEqual([]);
    expect(await labels({ selectionText: ' model.safetensors ' })).toEqual([
      'Look Up “model.safetensors”',
      '---',
      'copy',
    ]);
    expect(await labels({ isEditable: true })).toEqual([
      'cut',
      'copy',
      'paste',
      '---',
      'selectAll',
    ]);
    expect(await labels({ linkURL: 'https://huggingface.co/x' })).toEqual(['Copy Link']);
    await desktop.clickContextMenu('copy-link');
    expect((await desktop.asked()).clipboard).toBe('https://huggingface.co/x');
    expect(await labels({ linkURL: 'app://bundle/#/servers' })).toEqual([]);
  });

  it('is there at once, while the login shell and the manager take their time', async () => {
    const shell = join(harness().home.folder, 'slow shell');
    const go = join(harness().home.folder, 'go on');
    await writeFile(
      shell,
      `#!/bin/sh\nwhile [ ! -e '${go}' ]; do sleep 0.1; done\nshift\nexec /bin/sh -c "$@"\n`,
    );
    await chmod(shell, 0o755);
    const desktop = await harness().launch({ packaged: true, env: { SHELL: shell } });
    const page = await desktop.page();
    expect((await desktop.windows())[0]).toMatchObject({ visible: true });
    expect(outline((await desktop.tray()).items as never)).toContain('Starting…');
    await page.getByText('MLX Manager is starting').waitFor();
    await writeFile(go, '');
    await page.getByRole('navigation').first().waitFor();
  });

  it('a window in full screen leaves it before it is hidden', async () => {
    const desktop = await harness().launch();
    await openPage(desktop);
    await desktop.setFullScreen(true);
    await until(
      async () => ((await desktop.windows())[0]?.fullScreen ? true : undefined),
      'full screen',
    );
    await desktop.closeWindow();
    await until(async () => {
      const [window] = await desktop.windows();
      return window && !window.visible && !window.fullScreen ? true : undefined;
    }, 'a hidden window out of full screen');
  });

  it('opens where it was', async () => {
    const first = await harness().launch();
    await openPage(first);
    await first.moveWindow({ x: 321, y: 123, width: 1001, height: 701 });
    await first.quit();
    await first.exited;
    const second = await harness().launch();
    await openPage(second);
    expect((await second.windows())[0]?.bounds).toEqual({
      x: 321,
      y: 123,
      width: 1001,
      height: 701,
    });
  });

  it('a second start shows the first one and ends', async () => {
    const first = await harness().launch();
    await openPage(first);
    await first.closeWindow();
    await until(
      async () => ((await first.windows())[0]?.visible ? undefined : true),
      'a hidden window',
    );
    const second = await harness().launch();
    expect((await second.exited).code).toBe(0);
    await until(async () => ((await first.windows())[0]?.visible ? true : undefined), 'the window');
  });

  it('a page that dies is loaded again; one that dies at once again is left until it is opened', async () => {
    const desktop = await harness().launch();
    const page = await openPage(desktop);
    await desktop.crashPage();
    await page.waitForEvent('load');
    await page.getByRole('navigation').first().waitFor();
    await desktop.crashPage();
    await until(
      async () => ((await desktop.windows()).length === 0 ? true : undefined),
      'no window',
    );
    await desktop.activate();
    await openPage(desktop);
  });
});

describe('links from outside', () => {
  it('one that starts the application is shown when there is a window for it', async () => {
    const desktop = await harness().launch({ args: ['mlx-manager://engines'] });
    const page = await openPage(desktop);
    await page.waitForURL(/#\/engines$/);
  });

  it('only show something, and what leads nowhere only opens the window', async () => {
    const desktop = await harness().launch({ args: ['--hidden'] });
    await harness().client();
    expect(await desktop.windows()).toEqual([]);
    await desktop.openUrl('mlx-manager://models');
    const page = await openPage(desktop);
    // The address names the first model as soon as the list has come.
    await page.waitForURL(/#\/models(\/|$)/);
    await desktop.openUrl('mlx-manager://engines');
    await page.waitForURL(/#\/engines(\/|$)/);
    for (const link of [
      'mlx-manager://start/x',
      'mlx-manager://settings?x=1',
      'https://evil.invalid/',
    ]) {
      await desktop.openUrl(link);
    }
    const file = join(harness().home.paths.home, 'logs', 'manager.log');
    await until(
      async () => (await readFile(file, 'utf8')).match(/leads nowhere/g)?.length === 3,
      'three refusals in the log',
    );
    expect(page.url()).toMatch(/#\/engines(\/|$)/);
  });
});

it('secrets would be kept in the keychain, and the doctor says so', async () => {
  await harness().launch({ args: ['--hidden'] });
  const client = await harness().client();
  const { checks } = await client.call('doctor.run');
  expect(checks.find(({ id }) => id === 'secrets')).toEqual({
    ...{ id: 'secrets', state: 'ok' },
    message: 'Secrets are stored in the keychain',
  });
});

it('the keychain is left alone until there is a secret, and a run from source has a key of its own', async () => {
  const hub = await startFakeHub({ repos: [] });
  try {
    const desktop = await harness().launch({ env: { HF_ENDPOINT: hub.url } });
    const page = await openPage(desktop);
    await page.getByRole('link', { name: 'Discover' }).click();
    const client = await harness().client();
    expect(await client.call('hub.account')).toMatchObject({ token: 'none' });
    expect((await desktop.asked()).keychainLooks).toBe(0);
    await client.call('hub.setToken', { token: 'hf_good' });
    const all = await readdir(harness().home.paths.documents);
    expect(all).toContain('keychain-from-source.json');
    expect(all).not.toContain('keychain.json');
    expect((await desktop.asked()).keychainItem).toBe('MLX Manager from source Safe Storage');
  } finally {
    await hub.close();
  }
});

it('a folder is chosen in a sheet that says what for', async () => {
  const desktop = await harness().launch();
  const page = await openPage(desktop);
  await page.getByRole('link', { name: 'Models' }).click();
  await page.getByRole('button', { name: 'Add folder…' }).first().click();
  await page.getByRole('button', { name: 'Choose…' }).click();
  const { dialogs } = await until(async () => {
    const asked = await desktop.asked();
    return asked.dialogs.length > 0 && asked;
  }, 'the dialog');
  // macOS draws no title.
  expect(dialogs).toMatchObject([{ kind: 'open', message: 'Add Models Folder' }]);
  await desktop.answerDialog({ filePaths: [harness().home.folder] });
  await page
    .getByRole('textbox')
    .filter({ hasNot: page.locator('[type=search]') })
    .first()
    .waitFor();
});

it('with nothing running it starts no process and hardly asks the system', async () => {
  const counted = join(harness().home.folder, 'children');
  await writeFile(counted, '');
  const counter = `--import=${resolve('tests/fixtures/count-children.mjs')}`;
  const desktop = await harness().launch({
    args: ['--hidden'],
    packaged: true,
    env: { NODE_OPTIONS: counter, COUNT_CHILDREN: counted, SHELL: '/bin/sh' },
  });
  await harness().client();
  const children = () => readFile(counted, 'utf8');
  // The login shell, and the signature of the package: at the start, once.
  await until(async () => /codesign/.test(await children()), 'the look at the signature');
  const before = { children: await children(), looks: (await desktop.asked()).loginItemLooks };
  // Fixed wait: nothing may happen in it, and what happens once a minute happens once.
  await new Promise((done) => setTimeout(done, 61_000));
  expect(await children()).toBe(before.children);
  expect((await desktop.asked()).loginItemLooks - before.looks).toBeLessThanOrEqual(2);
}, 180_000);
