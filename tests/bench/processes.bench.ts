import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { execa } from 'execa';

import { MetricsSampler } from '@core/metrics';
import { systemClock } from '@core/ports/clock';
import type { ProcessInfo, Processes } from '@core/ports/processes';
import { findTree } from '@core/processes/process-tree';
import { silentLogger } from '@host/host-ports';
import { processViews } from '../fixtures/process-views';
import { type BenchTable, median, spread } from './measure';

const SERVERS = 10;
const ROUNDS = 25;

/**
 * One measurement of ten servers, in each way of seeing processes, and one bare `ps` of the whole table, in turns.
 * CPU is that of this process and of the children that it waited for, summed over all rounds.
 */
export async function run(): Promise<BenchTable> {
  const children = Array.from({ length: SERVERS }, () =>
    spawn('sleep', ['600'], { detached: true, stdio: 'ignore' }),
  );
  try {
    const { views, missing } = await processViews();
    const ticks = await Promise.all(
      views.map(async ({ name, processes }) => ({ name, tick: await tickOf(processes, children) })),
    );
    const taken = new Map<string, Cost[]>();
    const note = async (name: string, work: () => Promise<unknown>): Promise<void> => {
      taken.set(name, [...(taken.get(name) ?? []), await costOf(work)]);
    };
    // The first round loads what is needed, and does not count.
    for (let round = 0; round <= ROUNDS; round++) {
      if (round === 1) taken.clear();
      await note('ps', () => execa('ps', ['-axww', '-o', COLUMNS]));
      for (const { name, tick } of ticks) await note(name, tick);
    }
    const ps = taken.get('ps') ?? [];
    const rows = [...taken].map(([name, costs]) => [
      name === 'ps' ? 'one bare ps' : `one tick of ${SERVERS} servers by ${name}`,
      spread(costs.map(({ ms }) => ms)),
      ratio(
        costs.map(({ ms }) => ms),
        ps.map(({ ms }) => ms),
      ),
      sum(costs).toFixed(0),
      (sum(costs) / sum(ps)).toFixed(2),
    ]);
    return {
      name: `Seeing processes (ms; limit of a tick: 1.2 of one ps)${missing.map((one) => `; without ${one}`).join('')}`,
      rows: [
        ['measure', 'wall, median and range', 'of one ps', `CPU of ${ROUNDS}`, 'of one ps'],
        ...rows,
      ],
    };
  } finally {
    for (const child of children) child.kill();
  }
}

const COLUMNS = 'pid=,ppid=,pgid=,stat=,lstart=,time=,rss=,command=';

interface Cost {
  readonly ms: number;
  readonly cpuMs: number;
}

async function costOf(work: () => Promise<unknown>): Promise<Cost> {
  const [at, cpu] = [performance.now(), cpuMilliseconds()];
  await work();
  return { ms: performance.now() - at, cpuMs: cpuMilliseconds() - cpu };
}

/** Of this process, exactly, and of its children, in ticks of 10 ms (proc(5): cutime and cstime). */
function cpuMilliseconds(): number {
  const { user, system } = process.cpuUsage();
  const stat = readFileSync('/proc/self/stat', 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (user + system) / 1000 + (Number(fields[13]) + Number(fields[14])) * 10;
}

async function tickOf(
  processes: Processes,
  children: readonly ChildProcess[],
): Promise<() => Promise<void>> {
  const sampler = new MetricsSampler({
    clock: { ...systemClock, setTimeout: () => () => undefined },
    logger: silentLogger,
    processes,
    sampleSeconds: () => 2,
    machineMemory: async () => ({ total: 1, free: 1 }),
    targets: () =>
      children.map(({ pid = 0 }) => ({
        profileId: String(pid),
        port: 1,
        treeOf: (table: readonly ProcessInfo[]) =>
          findTree(
            table,
            { pid, pgid: pid, startTime: table.find((info) => info.pid === pid)?.startTime ?? '' },
            { remembered: [], carriers: [], wasWatched: true },
          ),
      })),
    publish: () => undefined,
  });
  await sampler.start();
  return () => sampler.measure();
}

function ratio(values: readonly number[], to: readonly number[]): string {
  return (median(values) / median(to)).toFixed(2);
}

function sum(costs: readonly Cost[]): number {
  return costs.reduce((total, { cpuMs }) => total + cpuMs, 0);
}
