import { readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { connectSocket } from '@host/socket-transport';
import { createClient } from '@shared/rpc/client';

import { faultEnv } from '../fixtures/fake-adapter';
import { longLines } from '../fixtures/long-lines';
import { type ManagerProcess, startManager } from '../fixtures/manager-process';
import { createTempHome } from '../fixtures/temp-home';
import { type BenchTable, pause } from './measure';

const SECONDS = 5;
const LAG_SCRIPT = resolve('tests/bench/loop-lag.mjs');
/** Of the kinds of lines those on which patterns run away. */
const KINDS = [
  ...['a', '0', '_', ' ', '\t', '(', '[', '"', ':', '/', '-', '.', '=', '<'],
  ...['word characters', 'letters with accents', 'CJK', 'emoji', 'combining marks', 'mixed'],
];

/** An engine that writes lines of 8 KB, a hundred a second: what the manager feels, and how long a stop takes. */
export async function run(): Promise<BenchTable> {
  const home = await createTempHome();
  const lagFile = join(home.folder, 'lag');
  const env = { NODE_OPTIONS: `--import=${LAG_SCRIPT}`, LOOP_LAG_FILE: lagFile };
  const manager = await startManager({ offline: true, home, env });
  try {
    await manager.registerEngine();
    const kinds = longLines(8192);
    const quiet = await measure(manager, lagFile, '');
    const rows = [];
    for (const kind of KINDS) {
      const text = [...(kinds.get(kind) ?? '')].slice(0, 60).join('');
      const { lag, stop } = await measure(manager, lagFile, text);
      rows.push([kind, lag.toFixed(1), (stop - quiet.stop).toFixed(0)]);
    }
    return {
      name: `A hundred lines of 8 KB a second for ${SECONDS} s; a quiet server: ${quiet.lag.toFixed(1)} ms, its stop ${quiet.stop.toFixed(0)} ms`,
      rows: [
        ['lines of', 'event-loop lag, p99 ms', 'stop takes longer by, ms'],
        ['limit', '20', '200'],
        ...rows,
      ],
    };
  } finally {
    await manager.close();
  }
}

async function measure(
  manager: ManagerProcess,
  lagFile: string,
  text: string,
): Promise<{ lag: number; stop: number }> {
  const transport = await connectSocket(manager.socket);
  if (!transport) throw new Error('nobody answers at the socket');
  const client = createClient(transport);
  const { profile } = await client.call('profiles.createLocal', {
    name: 'Long lines',
    model: 'demo',
    env: faultEnv(text === '' ? {} : { LONG_LINES: text }),
  });
  const profileId = profile.id;
  // As a window does that shows the log.
  await client.call('logs.follow', { profileId, follow: true });
  await client.call('servers.start', { profileId });
  await loopLag(manager.pid, lagFile);
  await pause(SECONDS * 1000);
  const lag = await loopLag(manager.pid, lagFile);
  const began = performance.now();
  await client.call('servers.stop', { profileId });
  const stop = performance.now() - began;
  await client.call('profiles.delete', { profileId, stop: true });
  transport.close();
  return { lag, stop };
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
