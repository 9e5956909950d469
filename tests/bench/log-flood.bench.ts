import { monitorEventLoopDelay, performance } from 'node:perf_hooks';

import { createServerHarness } from '../fixtures/server-harness';
import { type BenchTable, pause, percentile } from './measure';

const SECONDS = 60;
const MEGABYTES_PER_SECOND = 17;

/** An engine that writes 1 GB of log in a minute: what it costs the manager that reads it. */
export async function run(): Promise<BenchTable> {
  const h = await createServerHarness();
  try {
    const profile = await h.add({
      FLOOD_MB_PER_S: MEGABYTES_PER_SECOND,
      FLOOD_SECONDS: SECONDS,
    });
    await h.servers.start(profile.id);
    await h.waitFor(profile.id, ['ready'], 60_000);
    globalThis.gc?.();
    const before = process.memoryUsage().rss;
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    const answers: number[] = [];
    let most = before;
    const end = performance.now() + (SECONDS - 5) * 1000;
    while (performance.now() < end) {
      const began = performance.now();
      h.servers.list();
      await h.logs.read({ profileId: profile.id, from: -50, limit: 50 });
      answers.push(performance.now() - began);
      most = Math.max(most, process.memoryUsage().rss);
      await pause(100);
    }
    delay.disable();
    const [run] = await h.logs.runs(profile.id);
    return {
      name: `A log of ${MEGABYTES_PER_SECOND} MB/s for ${SECONDS} s (${run?.endLine ?? 0} lines)`,
      rows: [
        ['measure', 'limit', 'measured'],
        ['memory growth, MB', '50', ((most - before) / 1e6).toFixed(0)],
        ['read of the newest lines, p99 ms', '50', percentile(answers, 0.99).toFixed(1)],
        ['event-loop lag, p99 ms', '10', (delay.percentile(99) / 1e6).toFixed(1)],
      ],
    };
  } finally {
    await h.close();
  }
}
