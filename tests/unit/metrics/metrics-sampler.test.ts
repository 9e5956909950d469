import { afterEach, beforeEach, expect, test } from 'vitest';

import { MetricsSampler } from '@core/metrics';
import type { ProcessInfo, Processes } from '@core/ports/processes';
import { findTree } from '@core/processes/process-tree';
import type { MetricsTick } from '@shared/domain/metrics';
import {
  FakeMachine,
  type FakeProcess,
  type Faults,
  faultyProcesses,
} from '@fixtures/fake-processes';
import { recordingLogger } from '@fixtures/recording-logger';

let machine: FakeMachine;
let faults: Faults;
let now: number;
let ticks: MetricsTick[];
let asked: string[];
let log: string[];
let roots: Record<string, FakeProcess>;
let sampler: MetricsSampler;
let memoryFault: string | undefined;

/** Notes what the port is asked. */
function counting(processes: Processes): Processes {
  return {
    ...processes,
    list() {
      asked.push('list');
      return processes.list();
    },
    usage(pids) {
      asked.push(`usage of ${pids.length}`);
      return processes.usage(pids);
    },
  };
}

beforeEach(async () => {
  machine = new FakeMachine();
  faults = { fault: undefined };
  memoryFault = undefined;
  [now, ticks, asked, roots] = [0, [], [], {}];
  const { logger, lines } = recordingLogger();
  log = lines;
  sampler = new MetricsSampler({
    // Ticks are asked for by the tests.
    clock: { monotonic: () => now, now: () => now, setTimeout: () => () => undefined },
    logger,
    processes: counting(faultyProcesses(machine, faults)),
    countsConnections: true,
    sampleSeconds: () => 2,
    machineMemory: async () => {
      if (memoryFault !== undefined) throw new Error(memoryFault);
      return { total: 100, free: 40 };
    },
    targets: () =>
      Object.entries(roots).map(([profileId, root]) => ({
        profileId,
        port: 1,
        treeOf: (table: readonly ProcessInfo[]) =>
          findTree(table, root, { remembered: [], carriers: [], wasWatched: true }),
      })),
    publish: (tick) => ticks.push(tick),
  });
  await sampler.start();
});

afterEach(() => sampler.stop());

async function tick(ms = 2000): Promise<MetricsTick['servers']> {
  now += ms;
  await sampler.measure();
  return ticks.at(-1)?.servers ?? [];
}

test('ten servers are measured with one look at the table and one at what they use', async () => {
  for (let index = 0; index < 10; index += 1) {
    const root = machine.start();
    machine.start({ ppid: root.pid });
    roots[`server ${index}`] = root;
  }
  expect(await tick()).toHaveLength(10);
  expect(asked).toEqual(['list', 'usage of 20']);
});

test('memory is that of the whole tree; CPU is what it used between two looks, of one core', async () => {
  const root = machine.start();
  const child = machine.start({ ppid: root.pid });
  roots.a = root;
  machine.setUsage(root.pid, { cpuMs: 5000, memoryBytes: 10 });
  machine.setUsage(child.pid, { cpuMs: 0, memoryBytes: 30 });
  expect(await tick()).toEqual([{ profileId: 'a', processes: 2, connections: 0, memoryBytes: 40 }]);
  machine.setUsage(root.pid, { cpuMs: 6000, memoryBytes: 10 });
  machine.setUsage(child.pid, { cpuMs: 3000, memoryBytes: 30 });
  expect(await tick()).toEqual([
    { profileId: 'a', processes: 2, connections: 0, memoryBytes: 40, cpuPercent: 200 },
  ]);
});

test('a number that is another process now does not inherit the CPU time of the first one', async () => {
  roots.a = machine.start({ pid: 500 });
  machine.setUsage(500, { cpuMs: 90_000, memoryBytes: 1 });
  await tick();
  machine.end(500);
  roots.a = machine.start({ pid: 500 });
  machine.setUsage(500, { cpuMs: 91_000, memoryBytes: 1 });
  expect((await tick())[0]).not.toHaveProperty('cpuPercent');
});

test('a look that cannot tell is no server without memory: the last figures stand, and it is said once', async () => {
  const root = machine.start();
  roots.a = root;
  machine.setUsage(root.pid, { cpuMs: 0, memoryBytes: 7 });
  await tick();
  faults.fault = 'fails';
  for (let round = 0; round < 3; round += 1) {
    expect(await tick(10_000)).toEqual([
      { profileId: 'a', processes: 1, connections: 0, memoryBytes: 7 },
    ]);
  }
  expect(sampler.latest('a')?.memoryBytes).toBe(7);
  expect(sampler.history('a').times).toHaveLength(1);
  expect(log).toEqual([expect.stringMatching(/Servers cannot be measured now/)]);
  // The machine's own figures do not depend on it.
  expect(ticks.at(-1)?.machine).toMatchObject({ memoryTotal: 100, memoryFree: 40 });
  faults.fault = undefined;
  await tick();
  expect(sampler.history('a').times.length).toBeGreaterThan(1);
});

test('a server that is gone meanwhile has no figures, whatever could be seen', async () => {
  roots.a = machine.start();
  await tick();
  faults.fault = 'fails';
  roots = {};
  expect(await tick()).toEqual([]);
});

test('memory that cannot be told stays as it was seen last, which is said once', async () => {
  memoryFault = 'EMFILE: too many open files';
  await sampler.measure();
  await sampler.measure();
  expect(sampler.memory()).toEqual({ total: 100, free: 40 });
  expect(ticks.at(-1)?.machine).toMatchObject({ memoryTotal: 100, memoryFree: 40 });
  expect(log.filter((line) => line.includes('EMFILE'))).toHaveLength(1);
});
