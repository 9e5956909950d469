import { createServer, type AddressInfo } from 'node:net';
import { openPage } from '@fixtures/desktop-harness';
import { eachTestOpensDesktop, it } from '@fixtures/electron/it';
import { MAX_FRAME_BYTES } from '@shared/rpc/frames';
import { describe, expect } from 'vitest';

const harness = eachTestOpensDesktop();

/** What a page sees of an answer. */
interface Answer {
  readonly ok: boolean;
  readonly error?: { readonly code: string };
}

describe('a page that was taken over', () => {
  it('reaches no other place: no frame, no other address, no new window, no file', async () => {
    const desktop = await harness().launch();
    const page = await openPage(desktop);
    const before = page.url();
    const tried = await page.evaluate(async () => {
      const frameOf = (src: string): Promise<string> =>
        new Promise((resolve) => {
          const frame = document.createElement('iframe');
          frame.src = src;
          frame.addEventListener('load', () => resolve('loaded'));
          document.body.append(frame);
          // Fixed wait: a frame that is refused says nothing.
          setTimeout(() => {
            let seen = 'refused';
            try {
              seen = frame.contentDocument?.body.innerText ? 'read' : 'refused';
            } catch {
              seen = 'refused';
            }
            frame.remove();
            resolve(seen);
          }, 300);
        });
      const answer = (url: string): Promise<string> =>
        fetch(url).then(
          (response) => `answered ${response.status}`,
          () => 'refused',
        );
      const opened = window.open('https://evil.invalid/');
      const form = document.createElement('form');
      form.action = 'https://evil.invalid/';
      document.body.append(form);
      form.submit();
      history.pushState(null, '', '#/servers');
      let socket = 'opened';
      try {
        await new Promise((resolve, reject) => {
          const one = new WebSocket('wss://evil.invalid/');
          one.addEventListener('open', resolve);
          one.addEventListener('error', reject);
        });
      } catch {
        socket = 'refused';
      }
      return {
        file: await answer('file:///etc/passwd'),
        elsewhere: await answer('https://evil.invalid/'),
        socket,
        node: ['require', 'process', 'global', 'Buffer'].filter((name) => name in globalThis),
        frame: await frameOf('https://evil.invalid/'),
        own: await answer('/index.html'),
        // By now it would be there.
        opened: opened === null || opened.closed ? 'refused' : 'opened',
      };
    });
    expect(tried).toMatchObject({
      ...{ opened: 'refused', file: 'refused', elsewhere: 'refused', socket: 'refused', node: [] },
      own: 'answered 200',
    });
    expect(tried.frame).not.toBe('read');
    expect(page.url().split('#')[0]).toBe(before.split('#')[0]);
    expect((await desktop.windows()).length).toBe(1);
    expect((await desktop.asked()).opened).toEqual([]);
  });

  it('cannot change what it was given, nor get more of Electron by it', async () => {
    const page = await openPage(await harness().launch());
    const tried = await page.evaluate(() => {
      const bridge = window.mlx as unknown as Record<string, unknown>;
      const before = bridge.invoke;
      const refused = (change: () => void): boolean => {
        try {
          change();
          return false;
        } catch {
          return true;
        }
      };
      Reflect.set(bridge, 'invoke', () => 'mine');
      Reflect.set(bridge, 'more', 1);
      return {
        same: bridge.invoke === before,
        names: Object.keys(bridge),
        replaced: refused(() => Object.defineProperty(window, 'mlx', { value: {} })),
      };
    });
    expect(tried).toMatchObject({ same: true, names: ['invoke', 'onEvent', 'onCommand'] });
    expect(tried.replaced).toBe(true);
  });

  it('is refused frames that are too large or too many, and others are answered meanwhile', async () => {
    // A hub that takes connections and says nothing: what asks it waits.
    const silent = createServer();
    await new Promise<void>((done) => silent.listen(0, '127.0.0.1', done));
    const { port } = silent.address() as AddressInfo;
    try {
      const env = { HF_ENDPOINT: `http://127.0.0.1:${port}` };
      const page = await openPage(await harness().launch({ env }));
      const large = await page.evaluate(
        (bytes) =>
          window.mlx?.invoke({ id: 1, method: 'app.info', params: { x: 'x'.repeat(bytes) } }),
        MAX_FRAME_BYTES,
      );
      expect(large).toMatchObject({ ok: false, error: { code: 'bad_frame' } });
      const refused = await page.evaluate(async () => {
        const codes: (string | undefined)[] = [];
        for (let id = 2; id < 1502; id++) {
          void window.mlx
            ?.invoke({ id, method: 'hub.model', params: { ref: `org/m${id}` } })
            .then((answer) => codes.push((answer as Answer).error?.code));
        }
        // Fixed wait: those that are not refused say nothing.
        while (codes.length < 400) await new Promise((then) => setTimeout(then, 50));
        return codes;
      });
      expect(new Set(refused)).toEqual(new Set(['rate_limited']));
      expect(await (await harness().client()).call('app.info')).toMatchObject({ host: 'desktop' });
    } finally {
      silent.close();
    }
  });
});

it('a page that is busy for seconds during a flood of log lines is held back for, and then sees the newest', async () => {
  const desktop = await harness().launch();
  const page = await openPage(desktop);
  await harness().registerEngine();
  // More than 100,000 lines.
  const id = await harness().createProfile('Flood', {
    faults: { FLOOD_MB_PER_S: '4', FLOOD_SECONDS: '40' },
  });
  await page.evaluate((profileId) => {
    window.location.hash = `#/servers/${profileId}/logs`;
  }, id);
  const seen = await page.evaluateHandle(() => {
    const heard: { topic: string; bytes: number }[] = [];
    window.mlx?.onEvent(({ topic, payload }) => {
      heard.push({ topic, bytes: JSON.stringify(payload).length });
    });
    return heard;
  });
  const client = await harness().client();
  await client.call('servers.start', { profileId: id });
  await page.getByText(/Run 1/).first().waitFor();
  await seen.evaluate((heard) => {
    heard.length = 0;
    const until = performance.now() + 25_000;
    while (performance.now() < until);
  });
  const resync = async () =>
    (await seen.evaluate((heard) => heard)).find(({ topic }) => topic === 'session.resync');
  await expect.poll(resync, { timeout: 60_000 }).toBeDefined();
  const heard = await seen.evaluate((all) => all);
  const at = heard.findIndex(({ topic }) => topic === 'session.resync');
  const bytes = heard.slice(0, at).reduce((sum, one) => sum + one.bytes, 0);
  expect(bytes).toBeLessThan(6 * 1024 * 1024);
  // It is up to date again by itself.
  await harness().waitFor(id, 'ready');
  await page.getByRole('button', { name: /^Stop/ }).first().waitFor();
});
