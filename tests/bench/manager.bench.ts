import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { gzipSync } from 'node:zlib';

import { type ManagerProcess, startManager } from '../fixtures/manager-process';
import { type BenchTable, pause, spread, usageOf } from './measure';

const IDLE_SECONDS = 60;
const SERVERS = 10;
const STARTS = 5;

/** The manager itself: its start, and what it takes while nothing happens. */
export async function run(): Promise<BenchTable> {
  const starts = await startTimes();
  const manager = await startManager({ offline: true });
  try {
    const alone = await idle(manager.pid);
    await manager.registerEngine();
    await startServers(manager);
    const busy = await idle(manager.pid);
    return {
      name: `The manager, idle for ${IDLE_SECONDS} s`,
      rows: [
        ['measure', 'limit', 'measured'],
        ['serve to the first answered request, s', '1', spread(starts, 2)],
        ['CPU without servers, % of a core', '0.5', alone.cpuPercent.toFixed(2)],
        [`CPU with ${SERVERS} idle servers, % of a core`, '2', busy.cpuPercent.toFixed(2)],
        [`resident with ${SERVERS} idle servers, MB`, '160', busy.residentMb.toFixed(0)],
        ['screens, KB gzipped', '300', ((await bundleBytes()) / 1000).toFixed(0)],
      ],
    };
  } finally {
    await manager.close();
  }
}

async function startTimes(): Promise<number[]> {
  const times: number[] = [];
  for (let round = 0; round < STARTS; round++) {
    const began = performance.now();
    const manager = await startManager({ offline: true });
    await fetch(`${manager.url}/session`);
    times.push((performance.now() - began) / 1000);
    await manager.close();
  }
  return times;
}

async function startServers(manager: ManagerProcess): Promise<void> {
  const names = Array.from({ length: SERVERS }, (_, index) => `Idle ${index + 1}`);
  for (const name of names) await manager.json('profile', 'create', name, '--model', 'demo');
  await manager.json('start', ...names, '--wait');
}

async function idle(pid: number): Promise<{ cpuPercent: number; residentMb: number }> {
  await pause(3000);
  const before = await usageOf(pid);
  await pause(IDLE_SECONDS * 1000);
  const after = await usageOf(pid);
  return {
    cpuPercent: ((after.cpuMs - before.cpuMs) / (IDLE_SECONDS * 1000)) * 100,
    residentMb: after.residentMb,
  };
}

/** Everything that a browser loads for the first screen. */
async function bundleBytes(): Promise<number> {
  const folder = join(process.cwd(), 'dist', 'renderer', 'assets');
  const files = (await readdir(folder)).filter((name) => /\.(js|css)$/.test(name));
  const sizes = await Promise.all(
    files.map(async (name) => gzipSync(await readFile(join(folder, name))).length),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
