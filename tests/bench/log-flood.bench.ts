import { readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { connectSocket } from '@host/socket-transport';
import { createClient } from '@shared/rpc/client';

import { faultEnv } from '../fixtures/fake-adapter';
import { startManager } from '../fixtures/manager-process';
import { createTempHome } from '../fixtures/temp-home';
import { type BenchTable, pause, percentile, usageOf } from './measure';

const SECONDS = 60;
const MEGABYTES_PER_SECOND = 17;
const LAG_SCRIPT = resolve('tests/bench/loop-lag.mjs');

/** An engine that writes 1 GB of log in a minute: what it costs the manager, as `serve` runs it. */
export async function run(): Promise<BenchTable> {
  const home = await createTempHome();
  const lagFile = join(home.folder, 'lag');
  const env = { NODE_OPTIONS: `--import=${LAG_SCRIPT}`, LOOP_LAG_FILE: lagFile };
  const manager = await startManager({ offline: true, home, env });
  try {
    await manager.registerEngine();
    const transport = await connectSocket(manager.socket);
    if (!transport) throw new Error('nobody answers at the socket');
    const client = createClient(transport);
    const { profile } = await client.call('profiles.createLocal', {
      name: 'Flood',
      model: 'demo',
      env: faultEnv({ FLOOD_MB_PER_S: MEGABYTES_PER_SECOND, FLOOD_SECONDS: SECONDS }),
    });
    const profileId = profile.id;
    const before = (await usageOf(manager.pid)).residentMb;
    // The flood begins with the process.
    await client.call('servers.start', { profileId });
    await loopLag(manager.pid, lagFile);
    const answers: number[] = [];
    let most = before;
    const end = performance.now() + (SECONDS - 5) * 1000;
    while (performance.now() < end) {
      const began = performance.now();
      await client.call('logs.read', { profileId, from: -50, limit: 50 });
      answers.push(performance.now() - began);
      most = Math.max(most, (await usageOf(manager.pid)).residentMb);
      await pause(100);
    }
    const lag = await loopLag(manager.pid, lagFile);
    const { run } = await client.call('logs.read', { profileId, from: -1, limit: 1 });
    transport.close();
    return {
      name: `A log of ${MEGABYTES_PER_SECOND} MB/s for ${SECONDS} s (${run?.endLine ?? 0} lines)`,
      rows: [
        ['measure', 'limit', 'measured'],
        ['memory growth, MB', '50', (most - before).toFixed(0)],
        ['read of the newest lines, p99 ms', '50', percentile(answers, 0.99).toFixed(1)],
        ['event-loop lag, p99 ms', '10', lag.toFixed(1)],
      ],
    };
  } finally {
    await manager.close();
  }
}

/** The event loop's lag of the manager since the last call, p99 in ms. */
async function loopLag(pid: number, file: string): Promise<number> {
  await rm(file, { force: true });
  process.kill(pid, 'SIGUSR2');
  for (;;) {
    const text = await readFile(file, 'utf8').catch(() => undefined);
    if (text !== undefined) return Number(text);
    await pause(20);
  }
}
