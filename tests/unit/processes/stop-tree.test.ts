import { describe, expect, test } from 'vitest';

import { type StopTarget, stopTree } from '@core/processes/stop-tree';
import { EagerClock } from '@fixtures/eager-clock';
import {
  FakeMachine,
  type FakeProcess,
  type Faults,
  faultyProcesses,
} from '@fixtures/fake-processes';

const MARK = { name: 'NONCE', value: 'n1' };
const env = { NONCE: 'n1' };
const ignoring = { onSignal: () => undefined };

function targetOf({ pid, pgid, startTime }: FakeProcess, more: Partial<StopTarget> = {}) {
  return { pid, pgid, startTime, mark: MARK, seen: [], wasWatched: true, ...more };
}

async function stop(
  machine: FakeMachine,
  target: StopTarget,
  faults: Faults = { fault: undefined },
) {
  const clock = new EagerClock();
  const outcome = await stopTree(target, {
    processes: faultyProcesses(machine, faults),
    clock,
    graceMs: 2000,
    send: machine.send,
  });
  return { outcome, clock };
}

test('a tree that listens to SIGTERM is gone at once, with one signal to its group', async () => {
  const machine = new FakeMachine();
  const root = machine.start({ env });
  machine.start({ ppid: root.pid, pgid: root.pid });
  const stranger = machine.start();
  const { outcome } = await stop(machine, targetOf(root));
  expect(outcome).toMatchObject({ kind: 'gone', killed: false });
  expect(outcome.milliseconds).toBeLessThan(50);
  expect(machine.signals).toEqual([{ target: -root.pid, name: 'SIGTERM' }]);
  expect(machine.isAlive(stranger.pid)).toBe(true);
});

test('what does not listen is killed after the grace, and each member got SIGTERM once', async () => {
  const machine = new FakeMachine();
  const root = machine.start({ env, ...ignoring });
  const child = machine.start({ ppid: root.pid, ...ignoring });
  const { outcome } = await stop(machine, targetOf(root));
  expect(outcome).toMatchObject({ kind: 'gone', killed: true });
  expect(outcome.milliseconds).toBeGreaterThanOrEqual(2000);
  expect(outcome.milliseconds).toBeLessThan(2200);
  expect(machine.signals).toEqual([
    { target: -root.pid, name: 'SIGTERM' },
    { target: child.pid, name: 'SIGTERM' },
    { target: -root.pid, name: 'SIGKILL' },
    { target: child.pid, name: 'SIGKILL' },
  ]);
});

test('a child that begins while the tree ends gets its signals too', async () => {
  const machine = new FakeMachine();
  let late: FakeProcess | undefined;
  const root = machine.start({
    env,
    onSignal: () => {
      late ??= machine.start({ ppid: root.pid, ...ignoring });
      machine.end(root.pid);
    },
  });
  const { outcome } = await stop(machine, targetOf(root));
  expect(outcome).toMatchObject({ kind: 'gone', killed: true });
  expect(late && machine.isAlive(late.pid)).toBe(false);
});

test('a program that made itself a daemon is ended too', async () => {
  const machine = new FakeMachine();
  const root = machine.start({ env });
  const daemon = machine.start({ ppid: root.pid, pgid: 500, pid: 500 });
  machine.end(root.pid);
  const { outcome } = await stop(machine, targetOf(root));
  expect(outcome).toMatchObject({ kind: 'gone', killed: false });
  expect(machine.isAlive(daemon.pid)).toBe(false);
});

test('one that becomes a daemon on SIGTERM is found before anything counts as gone', async () => {
  const machine = new FakeMachine();
  const root = machine.start({
    env,
    onSignal: () => {
      machine.start({ ppid: root.pid, ...ignoring, pgid: 500, pid: 500 });
      machine.end(root.pid);
    },
  });
  const { outcome } = await stop(machine, targetOf(root));
  expect(outcome).toMatchObject({ kind: 'gone', killed: true });
  expect(machine.isAlive(500)).toBe(false);
});

test('what hangs in the kernel is a survivor, and whether it holds the port is told', async () => {
  const machine = new FakeMachine();
  const root = machine.start({ env, ...ignoring, unkillable: true });
  machine.listen(root.pid, 8080);
  const { outcome } = await stop(machine, targetOf(root, { port: 8080 }));
  expect(outcome).toMatchObject({ kind: 'survivors', killed: true, portOpen: true });
  expect(outcome.kind === 'survivors' && outcome.survivors.map(({ pid }) => pid)).toEqual([
    root.pid,
  ]);
  expect(outcome.milliseconds).toBeLessThan(7500);
});

test('a stopped process is woken up beside SIGTERM, also one that stops only afterwards', async () => {
  const machine = new FakeMachine();
  const root = machine.start({ env, state: 'T', onSignal: (name) => obey(root, name) });
  const child = machine.start({ ppid: root.pid, onSignal: (name) => obey(child, name) });
  const asked = new Set<number>();
  function obey({ pid }: FakeProcess, name: NodeJS.Signals): void {
    if (name === 'SIGTERM') asked.add(pid);
    // The child stops at the moment at which it is asked to end.
    if (name === 'SIGTERM' && pid === child.pid) machine.change(pid, { state: 'T' });
    if (name === 'SIGCONT' && asked.has(pid)) machine.end(pid);
  }
  const { outcome } = await stop(machine, targetOf(root));
  expect(outcome).toMatchObject({ kind: 'gone', killed: false });
  expect(machine.signals.filter(({ name }) => name === 'SIGCONT')).toHaveLength(2);
});

test('a stranger with the number of the root gets no signal', async () => {
  const machine = new FakeMachine();
  const root = machine.start({ env });
  machine.end(root.pid);
  const stranger = machine.start({ pid: root.pid });
  const child = machine.start({ ppid: stranger.pid, pgid: stranger.pid });
  const { outcome } = await stop(machine, targetOf(root, { seen: [root] }));
  expect(outcome).toMatchObject({ kind: 'gone', killed: false });
  expect(machine.signals).toEqual([]);
  expect(machine.isAlive(child.pid)).toBe(true);
});

test('a root of which nobody knows who it was is ended by its nonce', async () => {
  const machine = new FakeMachine();
  const root = machine.start({ env });
  const { outcome } = await stop(machine, { ...targetOf(root), startTime: '' });
  expect(outcome.kind).toBe('gone');
  expect(machine.isAlive(root.pid)).toBe(false);
});

describe.each(['fails', 'hangs', 'half', 'foreign'] as const)('a table that %s', (fault) => {
  test('proves nothing: no signal, no "gone", and in the end the reason', async () => {
    const machine = new FakeMachine();
    const root = machine.start({ env });
    const { outcome } = await stop(machine, targetOf(root), { fault });
    expect(outcome.kind).toBe('unknown');
    expect(outcome.kind === 'unknown' && outcome.reason).not.toBe('');
    expect(outcome.milliseconds).toBeGreaterThanOrEqual(10_000);
    expect(outcome.milliseconds).toBeLessThan(16_000);
    expect(machine.signals).toEqual([]);
    expect(machine.isAlive(root.pid)).toBe(true);
  });

  test('for a while only makes the stop longer', async () => {
    const machine = new FakeMachine();
    const root = machine.start({ env });
    const clock = new EagerClock();
    const faults: Faults = { fault };
    clock.setTimeout(() => {
      faults.fault = undefined;
    }, 3000);
    const outcome = await stopTree(targetOf(root), {
      processes: faultyProcesses(machine, faults),
      clock,
      graceMs: 2000,
      send: machine.send,
    });
    expect(outcome).toMatchObject({ kind: 'gone', killed: false });
    expect(outcome.milliseconds).toBeGreaterThanOrEqual(3000);
  });

  test('after SIGTERM was sent keeps the end open, and SIGKILL waits for a look', async () => {
    const machine = new FakeMachine();
    const faults: Faults = { fault: undefined };
    const root = machine.start({ env, onSignal: () => Object.assign(faults, { fault }) });
    const { outcome } = await stop(machine, targetOf(root), faults);
    expect(outcome).toMatchObject({ kind: 'unknown' });
    expect(machine.signals).toEqual([{ target: -root.pid, name: 'SIGTERM' }]);
  });
});

test.each(['fails', 'hangs', 'foreign'] as const)(
  'an environment that %s: what the table shows is ended, but its absence is no proof',
  async (fault) => {
    const machine = new FakeMachine();
    const root = machine.start({ env });
    const { outcome } = await stop(machine, targetOf(root), { fault, only: ['carrying'] });
    expect(outcome.kind).toBe('unknown');
    expect(machine.isAlive(root.pid)).toBe(false);
  },
);
