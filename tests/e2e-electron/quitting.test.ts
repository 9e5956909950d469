import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openPage } from '@fixtures/desktop-harness';
import { until } from '@fixtures/until';
import type { Desktop } from '@fixtures/electron/desktop';
import { eachTestOpensDesktop, it } from '@fixtures/electron/it';
import { processesNaming } from '@fixtures/temp-home';
import { describe, expect } from 'vitest';

const harness = eachTestOpensDesktop();

async function runOne(faults: Readonly<Record<string, string>> = {}): Promise<string> {
  await harness().registerEngine();
  const id = await harness().createProfile('Qwen', { faults });
  const client = await harness().client();
  await client.call('servers.start', { profileId: id });
  await harness().waitFor(id, 'ready');
  return id;
}

const gone = () => processesNaming(harness().home.folder);

describe('quitting', () => {
  it('by an update closes the window first, and ends everything', async () => {
    const desktop = await harness().launch();
    await openPage(desktop);
    await runOne();
    await desktop.quitAndInstall();
    expect(await desktop.exited).toEqual({ code: 0, signal: null });
    expect(await gone()).toEqual([]);
    const log = await readFile(join(harness().home.paths.home, 'logs', 'manager.log'), 'utf8');
    expect(log).toContain('Quitting: an update is put in place');
  });

  it('a question is asked in the window, and holds up nothing', async () => {
    const desktop = await harness().launch({ args: ['--hidden'] });
    const id = await runOne();
    const client = await harness().client();
    await client.call('settings.set', { key: 'onQuit', value: 'ask' });
    await desktop.quit();
    await until(async () => (await desktop.asked()).dialogs.length > 0, 'a question');
    expect((await desktop.windows())[0]).toMatchObject({ visible: true });
    // Servers are looked after all the while.
    const { pid = 0 } = await harness().waitFor(id, 'ready');
    process.kill(pid, 'SIGKILL');
    await until(async () => {
      const server = await harness().waitFor(id, 'ready');
      return server.pid !== pid && server.restarts > 0;
    }, 'a new process while the question stands');
    await desktop.answerDialog({ response: 0 });
    expect((await desktop.exited).code).toBe(0);
  });

  const ways: readonly (readonly [string, (desktop: Desktop) => Promise<unknown> | undefined])[] = [
    ['the menu', (d) => d.clickMenu('quit')],
    ['the menu bar', (d) => d.clickTray('quit')],
    ['the system', (d) => d.quit()],
    ['SIGTERM', async (d) => d.kill('SIGTERM')],
    ['SIGINT', async (d) => d.kill('SIGINT')],
    ['a shut-down of the machine', (d) => d.power('shutdown')],
  ];
  it.each(ways)('by %s ends everything and leaves nothing', async (_, quit) => {
    const desktop = await harness().launch();
    await openPage(desktop);
    await runOne();
    await quit(desktop);
    expect(await desktop.exited).toEqual({ code: 0, signal: null });
    expect(await gone()).toEqual([]);
    const log = await readFile(join(harness().home.paths.home, 'logs', 'manager.log'), 'utf8');
    expect(log.trimEnd().split('\n').at(-1)).toMatch(/manager: Ended$/);
  });

  it('asks what becomes of running servers only where it is to ask, and can be called off', async () => {
    const desktop = await harness().launch();
    await openPage(desktop);
    const id = await runOne();
    const client = await harness().client();
    await client.call('settings.set', { key: 'onQuit', value: 'ask' });
    await desktop.answerDialog({ response: 2 });
    await desktop.quit();
    await until(
      async () => ((await desktop.asked()).dialogs.length > 0 ? true : undefined),
      'a question',
    );
    expect((await desktop.asked()).dialogs).toMatchObject([
      {
        message: 'Qwen is running',
        buttons: ['Stop and Quit', 'Leave Running and Quit', 'Cancel'],
      },
    ]);
    expect((await harness().waitFor(id, 'ready')).state).toBe('ready');
    await desktop.answerDialog({ response: 1 });
    await desktop.quit();
    expect((await desktop.exited).code).toBe(0);
    expect(await gone()).toHaveLength(1);
    // The next one takes it back.
    const next = await harness().launch({ args: ['--hidden'] });
    expect(await harness().waitFor(id, 'ready')).toMatchObject({ adopted: true });
    const again = await harness().client();
    await again.call('settings.set', { key: 'onQuit', value: 'stop' });
    await next.quit();
    await next.exited;
    expect(await gone()).toEqual([]);
  });

  it('does not take longer than its budget when a server does not want to end', async () => {
    const desktop = await harness().launch({ args: ['--hidden'] });
    await runOne({ IGNORE_TERM: '1', CHILDREN: '1', CHILDREN_IGNORE_TERM: '1' });
    const began = performance.now();
    await desktop.quit();
    expect((await desktop.exited).code).toBe(0);
    // Its budget is 15 s by the clock; what comes after that is the system's.
    expect(performance.now() - began).toBeLessThan(25_000);
    expect(await gone()).toEqual([]);
  });

  it('a command can ask for it', async () => {
    const desktop = await harness().launch({ args: ['--hidden'] });
    await runOne();
    const client = await harness().client();
    await client.call('app.quit', {});
    expect((await desktop.exited).code).toBe(0);
    expect(await gone()).toEqual([]);
  });
});

describe('an application that lies in a place that does not last', () => {
  const inside = 'MLX Manager.app/Contents/MacOS/MLX Manager';

  const places: readonly (readonly [string, RegExp])[] = [
    [`/Volumes/MLX Manager/${inside}`, /disk image/],
    [`/private/var/folders/x/T/AppTranslocation/1/d/${inside}`, /temporary location/],
  ];
  it.each(places)('asks once to be moved from %s, and moves', async (executable, why) => {
    const desktop = await harness().launch({ packaged: true, executable });
    const { dialogs } = await until(async () => {
      const asked = await desktop.asked();
      return asked.dialogs.length > 0 && asked;
    }, 'the question');
    expect(dialogs).toMatchObject([{ detail: expect.stringMatching(why) }]);
    await desktop.answerDialog({ response: 0 });
    expect(await desktop.exited).toEqual({ code: 0, signal: null });
  });

  it('goes on from there where the person would rather not', async () => {
    const executable = `/Volumes/MLX Manager/${inside}`;
    const desktop = await harness().launch({ packaged: true, executable });
    await desktop.answerDialog({ response: 1 });
    await openPage(desktop);
    const page = await desktop.page();
    await desktop.clickMenu('settings');
    await page.getByText(/Move MLX Manager to the Applications folder first/).waitFor();
  });
});

describe('a restart into another environment', () => {
  it('takes the servers over: another zone, another language, another folder for temporary files', async () => {
    const first = await harness().launch({ args: ['--hidden'], env: { TZ: 'America/New_York' } });
    const id = await runOne();
    const before = await harness().waitFor(id, 'ready');
    first.kill('SIGKILL');
    await first.exited;
    const tmp = join(harness().home.folder, 'another tmp');
    await mkdir(tmp);
    const env = { TZ: 'Asia/Tokyo', LANG: 'de_DE.UTF-8', LC_ALL: 'de_DE.UTF-8', TMPDIR: tmp };
    await harness().launch({ args: ['--hidden'], env });
    const after = await harness().waitFor(id, 'ready');
    expect(after).toMatchObject({ pid: before.pid, adopted: true });
  });
});

describe('a manager without a desktop on the same data', () => {
  it('is asked for its servers, which go on without a pause', async () => {
    const headless = await harness().serve();
    const id = await runOne();
    const before = await harness().waitFor(id, 'ready');
    const desktop = await harness().launch({ args: ['--hidden'] });
    await until(
      async () => ((await desktop.asked()).dialogs.length > 0 ? true : undefined),
      'a question',
    );
    expect((await desktop.asked()).dialogs).toMatchObject([{ buttons: ['Take Over', 'Quit'] }]);
    await desktop.answerDialog({ response: 0 });
    expect(await headless.exited).toBe(0);
    const after = await until(async () => {
      const client = await harness().client();
      const [server] = await client.call('servers.list');
      return server?.adopted && server.state === 'ready' ? server : undefined;
    }, 'the server to be taken over');
    expect(after.pid).toBe(before.pid);
  });

  it('keeps them where the person would rather not', async () => {
    const headless = await harness().serve();
    const desktop = await harness().launch({ args: ['--hidden'] });
    await desktop.answerDialog({ response: 1 });
    expect((await desktop.exited).code).toBe(0);
    // It still answers.
    const client = await harness().client();
    expect(await client.call('app.info')).toMatchObject({ host: 'headless' });
    headless.end();
    expect(await headless.exited).toBe(0);
  });
});

describe('a start that cannot be', () => {
  it('is said on the screen and to the terminal, and ends with 1', async () => {
    await writeFile(harness().home.paths.home, 'This is no folder.');
    const desktop = await harness().launch();
    expect(await desktop.exited).toEqual({ code: 1, signal: null });
    expect(desktop.output()).toMatch(/can't be used .*MLX_MANAGER_HOME/);
  });
});
