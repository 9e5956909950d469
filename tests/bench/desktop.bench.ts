import { readFile } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { gzipSync } from 'node:zlib';

import { createDesktopHarness, openPage, outline } from '../fixtures/desktop-harness';
import { until } from '../fixtures/until';
import { launchBrowser } from '../fixtures/browser';
import { type BenchTable, pause, spread } from './measure';

const STARTS = 7;
const FLOOD_MS = 60_000;
/** Ten changes a second of ten servers. */
const ROUND_MS = 1000;
const SERVERS = 10;

/** The desktop shell under the stand-in for Electron: its start, its preload, its menu bar under a flood. */
export async function run(): Promise<BenchTable> {
  const browser = await launchBrowser();
  try {
    const starts = await measureStarts(browser);
    const flood = await measureFlood(browser);
    const preload = gzipSync(await readFile('dist/preload/preload.cjs')).length;
    return {
      name: 'The desktop shell (under the stand-in for Electron)',
      rows: [
        ['measure', 'limit', 'measured'],
        ['program run to first page asked for, ms', '300', spread(starts)],
        ['preload, bytes gzipped', '1000', String(preload)],
        [
          `menu bar drawn in ${FLOOD_MS / 1000} s, ${flood.changes} changes`,
          String((FLOOD_MS / 1000) * 2 + 2),
          String(flood.drawn),
        ],
        ['shortest time between two drawings, ms', '> 490', flood.shortest.toFixed(0)],
        ['states shown at the end that are true', String(SERVERS), String(flood.right)],
      ],
    };
  } finally {
    await browser.close();
  }
}

async function measureStarts(browser: Awaited<ReturnType<typeof launchBrowser>>) {
  const times: number[] = [];
  for (let round = 0; round < STARTS; round++) {
    const harness = await createDesktopHarness(browser);
    try {
      const desktop = await harness.launch();
      await openPage(desktop);
      const { imported, firstLoad } = await desktop.firstLoad();
      times.push(firstLoad - imported);
      await desktop.quit();
      await desktop.exited;
    } finally {
      await harness.close();
    }
  }
  return times;
}

async function measureFlood(browser: Awaited<ReturnType<typeof launchBrowser>>) {
  const harness = await createDesktopHarness(browser);
  try {
    const desktop = await harness.launch({ args: ['--hidden'] });
    await harness.registerEngine();
    const ids: string[] = [];
    for (let index = 0; index < SERVERS; index++) {
      ids.push(await harness.createProfile(`Server ${index}`));
    }
    const client = await harness.client();
    await pause(1000);
    const before = (await desktop.tray()).drawn.length;
    const began = performance.now();
    let changes = 0;
    // A start and a stop of a server are several states each; a rename is one change of all of them.
    for (let round = 0; performance.now() - began < FLOOD_MS; round++) {
      const due = began + (round + 1) * (ROUND_MS / 10);
      const index = round % SERVERS;
      const profileId = ids[index] ?? '';
      await client.call('profiles.update', { profileId, changes: { name: `S${index} r${round}` } });
      changes += SERVERS;
      await pause(Math.max(0, due - performance.now()));
    }
    const { drawn } = await desktop.tray();
    const names = (await client.call('profiles.list')).map(({ name }) => `${name}  stopped`);
    const labels = await until(async () => {
      const shown = outline((await desktop.tray()).items as never);
      return names.every((name) => shown.includes(name)) ? shown : undefined;
    }, 'the last names in the menu');
    const gaps = drawn.slice(before + 1).map((at, index) => at - (drawn[before + index] ?? 0));
    await desktop.quit();
    await desktop.exited;
    return {
      changes,
      drawn: drawn.length - before,
      shortest: Math.min(...gaps),
      right: names.filter((name) => labels.includes(name)).length,
    };
  } finally {
    await harness.close();
  }
}
