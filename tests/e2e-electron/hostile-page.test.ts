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
        opened: opened === null || opened.closed ? 'refused' : 'opened',
        file: await answer('file:///etc/passwd'),
        elsewhere: await answer('https://evil.invalid/'),
        socket,
        node: ['require', 'process', 'global', 'Buffer'].filter((name) => name in globalThis),
        frame: await frameOf('https://evil.invalid/'),
        own: await answer('/index.html'),
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
        // What comes of a constructor in the other world would be of that world.
        evaluated: refused(() =>
          (before as { constructor: (text: string) => () => unknown }).constructor('return 1')(),
        ),
      };
    });
    expect(tried).toMatchObject({ same: true, names: ['invoke', 'onEvent', 'onCommand'] });
    expect(tried.replaced).toBe(true);
  });

  it('is refused frames that are too large or too many, and the application answers others meanwhile', async () => {
    const page = await openPage(await harness().launch());
    const client = await harness().client();
    const answers = page.evaluate(
      async (limit): Promise<{ large: Answer; refused: number; ok: number }> => {
        const { mlx } = window;
        if (!mlx) throw new Error('There is no bridge.');
        const ask = (frame: unknown): Promise<Answer> =>
          mlx.invoke(frame as never) as Promise<Answer>;
        const large = await ask({ id: 1, method: 'app.info', params: { x: 'x'.repeat(limit) } });
        const many = await Promise.all(
          Array.from({ length: 3000 }, (_, id) => ask({ id: id + 2, method: 'doctor' })),
        );
        return {
          large,
          refused: many.filter(({ error }) => error?.code === 'rate_limited').length,
          ok: many.filter(({ ok }) => ok).length,
        };
      },
      MAX_FRAME_BYTES,
    );
    expect(await client.call('app.info')).toMatchObject({ host: 'desktop' });
    const { large, refused, ok } = await answers;
    expect(large).toMatchObject({ ok: false, error: { code: 'bad_frame' } });
    expect(refused).toBeGreaterThan(0);
    expect(ok + refused).toBe(3000);
    // It is as useful as before.
    await page.getByRole('navigation').first().waitFor();
  });
});

it('a page that is busy for seconds during a flood of log lines is held back for, and then sees the newest', async () => {
  const desktop = await harness().launch();
  const page = await openPage(desktop);
  await harness().registerEngine();
  // More than 100,000 lines.
  const id = await harness().createProfile('Flood', {
    faults: { FLOOD_MB_PER_S: '4', FLOOD_SECONDS: '8' },
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
    const until = performance.now() + 12_000;
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
