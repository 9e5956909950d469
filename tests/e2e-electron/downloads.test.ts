import { openPage, outline } from '@fixtures/desktop-harness';
import { until } from '@fixtures/until';
import { modelRepo } from '@fixtures/download-harness';
import type { Desktop } from '@fixtures/electron/desktop';
import { eachTestOpensDesktop, it } from '@fixtures/electron/it';
import { type FakeHub, startFakeHub } from '@fixtures/fake-hub/hub';
import type { Download } from '@shared/domain/download';
import { afterEach, beforeEach, describe, expect } from 'vitest';

const REF = 'mlx-community/Qwen3-4B-4bit';

let hub: FakeHub;
const harness = eachTestOpensDesktop();
beforeEach(async () => {
  hub = await startFakeHub({ repos: [await modelRepo(REF, { weights: 30_000_000 })] });
  hub.bytesPerSecond = 5_000_000;
});
afterEach(() => hub.close());

const launch = (args: string[] = []): Promise<Desktop> =>
  harness().launch({ args, notifications: 'allowed', env: { HF_ENDPOINT: hub.url } });

async function download(): Promise<string> {
  const client = await harness().client();
  return (await client.call('downloads.start', { ref: REF, revision: 'main' })).id;
}

async function reached(state: Download['state']): Promise<Download> {
  const client = await harness().client();
  return until(
    async () => (await client.call('downloads.list')).find((one) => one.state === state),
    `a download that is ${state}`,
  );
}

const inTray = (desktop: Desktop, label: RegExp) =>
  until(
    async () => outline((await desktop.tray()).items as never).find((line) => label.test(line)),
    `${label} in the menu bar`,
  );

const progress = async (desktop: Desktop): Promise<number> =>
  (await desktop.windows())[0]?.progress ?? -1;

describe('a download', () => {
  it('is in the menu bar and on the icon with how far it is, is paused and gone on with there', async () => {
    const desktop = await launch();
    const page = await openPage(desktop);
    const id = await download();
    await inTray(desktop, /^Qwen3-4B-4bit {2}\d+ %/);
    await until(
      async () => ((await progress(desktop)) > 0 ? true : undefined),
      'the bar on the icon',
    );
    expect((await desktop.asked()).blockers.some(({ stopped }) => !stopped)).toBe(true);
    await desktop.clickTray(`pause-download:${id}`);
    await reached('paused');
    await inTray(desktop, /^Qwen3-4B-4bit {2}paused at \d+ %$/);
    await until(
      async () => ((await progress(desktop)) < 0 ? true : undefined),
      'no bar on the icon',
    );
    expect((await desktop.asked()).blockers.every(({ stopped }) => stopped)).toBe(true);
    await desktop.clickTray(`resume-download:${id}`);
    await reached('running');
    await desktop.clickTray(`download-show:${id}`);
    await page.waitForURL(/#\/discover$/);
    await desktop.clickMenu('downloads:pause');
    await reached('paused');
    hub.bytesPerSecond = undefined;
    const client = await harness().client();
    await until(async () => {
      const state = (await client.call('downloads.list'))[0]?.state;
      // The page resumes what it knows to be paused, which it hears of a moment later than the menu.
      if (state === 'paused') await desktop.clickMenu('downloads:resume');
      return state === 'done';
    }, 'the end');
    await until(async () => {
      const lines = outline((await desktop.tray()).items as never);
      return lines.includes('Downloads') ? undefined : true;
    }, 'a menu without downloads');
  });

  it('that failed is told to who does not look, with a way to it', async () => {
    const desktop = await launch();
    const page = await openPage(desktop);
    await desktop.blurWindow();
    await download();
    await reached('running');
    hub.plan = ({ kind }) => (kind === 'api' ? undefined : { kind: 'answer', status: 404 });
    await reached('failed');
    const told = await until(
      async () => (await desktop.asked()).notifications[0],
      'a notification',
    );
    expect(told.title).toBe("Couldn't download Qwen3-4B-4bit");
    await desktop.clickNotification(0);
    await page.waitForURL(/#\/discover$/);
  });

  it('is paused by a quit and goes on at the next start; a wake tries it at once', async () => {
    const desktop = await launch(['--hidden']);
    const id = await download();
    await until(
      async () => ((await reached('running')).bytes > 1_000_000 ? true : undefined),
      'some bytes',
    );
    await desktop.quit();
    expect(await desktop.exited).toEqual({ code: 0, signal: null });
    hub.plan = ({ kind }) => (kind === 'cdn' ? { kind: 'stall', after: 1000 } : undefined);
    const again = await launch(['--hidden']);
    const resumed = await reached('running');
    expect(resumed.id).toBe(id);
    // Nothing comes for 30 s, but the machine slept meanwhile: that is not waited for.
    await until(
      async () => (hub.requests.some(({ kind }) => kind === 'cdn') ? true : undefined),
      'a request',
    );
    hub.plan = () => undefined;
    hub.bytesPerSecond = undefined;
    await again.power('suspend');
    await again.power('resume');
    const done = await until(async () => reached('done'), 'the end', 15_000);
    expect(done.id).toBe(id);
  });
});
