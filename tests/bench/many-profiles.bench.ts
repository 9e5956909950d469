import type { CDPSession, Page } from 'playwright';

import { launchBrowser, logIn, openVisitor } from '../fixtures/browser';
import { startManager } from '../fixtures/manager-process';
import { type BenchTable, spread } from './measure';

const PROFILES = 100;
const ROUNDS = 5;

/** The screens with a hundred profiles: what a person waits for, and what one changed state costs. */
export async function run(): Promise<BenchTable> {
  const manager = await startManager({ offline: true });
  const browser = await launchBrowser();
  try {
    await manager.registerEngine();
    const client = await manager.client();
    const ids: string[] = [];
    for (let n = 0; n < PROFILES; n++) {
      const port = 30_000 + n;
      const input = { name: `Profile ${n}`, model: 'demo', port };
      ids.push((await client.call('profiles.create', input)).profile.id);
    }
    const { page, context } = await openVisitor(browser);
    await logIn(page, manager.url, manager.token);
    const cdp = await context.newCDPSession(page);
    await cdp.send('Performance.enable');
    const servers: number[] = [];
    const palette: number[] = [];
    const typed: number[] = [];
    const change: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      await page.goto(`${manager.url}/#/models`);
      await page.getByRole('heading', { name: 'Models', level: 1 }).waitFor();
      servers.push(await untilPainted(page, '#/servers', '[data-row]'));
      palette.push(await untilPainted(page, 'palette', '[role=option]'));
      typed.push(await untilTyped(page));
      await page.keyboard.press('Escape');
      const profileId = ids[round + 1] ?? '';
      change.push(
        await worked(cdp, async () => {
          await client.call('profiles.update', { profileId, changes: { name: `New ${round}` } });
          await page.getByText(`New ${round}`, { exact: true }).waitFor();
        }),
      );
    }
    const state = [];
    for (let round = 0; round < ROUNDS; round++) {
      const profileId = ids[round + 10] ?? '';
      const row = page.locator(`[data-row="${profileId}"]`);
      await client.call('servers.start', { profileId });
      await row.getByText(/Ready/).waitFor();
      state.push(
        await worked(cdp, async () => {
          await client.call('servers.stop', { profileId });
          await row.getByText('Stopped').waitFor();
        }),
      );
    }
    await context.close();
    const row = (name: string, limit: string, all: readonly number[]): string[] => [
      name,
      limit,
      spread(all),
    ];
    return {
      name: `The screens with ${PROFILES} profiles, ${ROUNDS} rounds`,
      rows: [
        ['ms', 'limit', 'measured'],
        row('Servers, first paint', '200', servers),
        row('the palette opens', '100', palette),
        row('the palette follows a key', '100', typed),
        row('work of the page: a profile is renamed', '', change),
        row('work of the page: a server is stopped', '', state),
      ],
    };
  } finally {
    await browser.close();
    await manager.close();
  }
}

/** Ms from the address or the key to the frame that shows it. */
function untilPainted(page: Page, what: string, selector: string): Promise<number> {
  return page.evaluate(
    async ([goal, wanted]) => {
      const begin = performance.now();
      if (goal === 'palette') {
        const init = { key: 'k', ctrlKey: true, bubbles: true, cancelable: true };
        window.dispatchEvent(new KeyboardEvent('keydown', init));
      } else window.location.hash = goal;
      const frame = (): Promise<unknown> =>
        new Promise((resolve) => requestAnimationFrame(resolve));
      while (!document.querySelector(wanted)) await frame();
      await frame();
      return performance.now() - begin;
    },
    [what, selector] as const,
  );
}

/** Ms from a typed letter to the frame with what it finds. */
function untilTyped(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const field = document.querySelector<HTMLInputElement>('[role=combobox]');
    if (!field) throw new Error('The palette is not open.');
    const begin = performance.now();
    const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set;
    set?.call(field, 'profile');
    field.dispatchEvent(new Event('input', { bubbles: true }));
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    return performance.now() - begin;
  });
}

/** Ms that the page worked meanwhile: scripts, styles and layout. */
async function worked(cdp: CDPSession, work: () => Promise<void>): Promise<number> {
  const before = await taskMs(cdp);
  await work();
  return (await taskMs(cdp)) - before;
}

async function taskMs(cdp: CDPSession): Promise<number> {
  const { metrics } = await cdp.send('Performance.getMetrics');
  const parts = ['ScriptDuration', 'LayoutDuration', 'RecalcStyleDuration'];
  return metrics
    .filter(({ name }) => parts.includes(name))
    .reduce((sum, { value }) => sum + value * 1000, 0);
}
