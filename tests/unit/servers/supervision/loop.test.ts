import type { ReadyOutcome } from '@core/servers/health/readiness';
import { ClusterRuns } from '@core/servers/cluster/cluster-runs';
import type { Outcome } from '@core/servers/launch/outcome-records';
import type { OwnershipRecord } from '@core/servers/launch/ownership';
import { type RunnerContext, ServerRunner } from '@core/servers/server-runner';
import { createFakeAdapter, createFakeInstallation } from '@fixtures/fake-adapter';
import { FakeClock, turns } from '@fixtures/fake-clock';
import { FakeMachine } from '@fixtures/fake-launcher';
import { silentLogger } from '@host/host-ports';
import type { ServerProfile } from '@shared/domain/profile';
import type { ServerFailure } from '@shared/domain/server';
import { hasProcess, isServing, type ServerState } from '@shared/domain/server-state';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const profile: ServerProfile = {
  id: 'profile00001',
  name: 'A',
  model: '/a/model',
  engine: 'mlx-lm',
  installation: null,
  custom: null,
  cluster: null,
  port: 10240,
  host: '127.0.0.1',
  options: {},
  env: {},
  extraArgs: [],
  start: 'manual',
  restart: 'on-failure',
  loadDeadlineSeconds: 30,
  hangLimitSeconds: 60,
  aliases: [],
  ttlSeconds: 0,
  pinned: false,
  order: 1,
  createdAt: '2026-01-01T00:00:00Z',
  updatedAt: '2026-01-01T00:00:00Z',
};

const failure = (code: ServerFailure['code']): ServerFailure => ({
  code,
  message: `It failed: ${code}.`,
  evidence: [],
});

/** One real supervised server on a machine that has no processes, under a clock that a test moves. */
function setUp() {
  const clock = new FakeClock();
  const machine = new FakeMachine(() => clock.monotonic());
  const records = new Map<string, OwnershipRecord>();
  const outcomes = new Map<string, Outcome>();
  const states: ServerState[] = [];
  const adapter = createFakeAdapter();
  const installation = createFakeInstallation({});
  const sources = {
    adapterFor: () => adapter,
    checkHosts: async () => [],
    installation: () => installation,
    inUse: () => installation,
    binOf: () => '',
    options: async () => [],
    resolveModel: async () => undefined,
    lookAtInstallation: async () => installation,
    checkPort: async () => ({ kind: 'free' }) as const,
    nextFreePort: async () => 10241,
  };
  let planFailure: ServerFailure | undefined;
  let proof = Promise.withResolvers<ReadyOutcome>();
  let hang = Promise.withResolvers<'hung' | 'ended'>();
  let reserved = false;
  let run = 0;
  const untilAborted = <T>(signal: AbortSignal, value: T): Promise<T> =>
    new Promise((resolve) => {
      if (signal.aborted) resolve(value);
      else signal.addEventListener('abort', () => resolve(value), { once: true });
    });
  const log = (number: number) => ({
    run: number,
    path: `/logs/${number}.log`,
    note: () => undefined,
    onLines: () => () => undefined,
    tail: () => [],
    lastLine: () => undefined,
    flush: async () => undefined,
    end: async () => undefined,
    keepFailure: async () => undefined,
  });
  const context: RunnerContext = {
    clock,
    logger: silentLogger,
    processes: {
      list: async () => ({ known: true, value: [] }),
      read: async () => ({ known: true, value: undefined }),
      carrying: async () => ({ known: true, value: [] }),
      listeners: async () => ({ known: true, value: [] }),
      connections: async () => ({ known: true, value: 0 }),
      usage: async () => ({ known: true, value: new Map() }),
    },
    sources,
    records: {
      write: async (record) => void records.set(record.profileId, record),
      remove: async (id) => void records.delete(id),
    },
    outcomes: {
      write: async (outcome) => void outcomes.set(outcome.profileId, outcome),
      remove: async (id) => void outcomes.delete(id),
    },
    clusters: new ClusterRuns({ folder: '/run', env: {} }),
    onWake: () => () => undefined,
    drainMs: () => 5000,
    health: {
      proveReady: async ({ signal }) => {
        proof = Promise.withResolvers();
        return Promise.race([proof.promise, untilAborted(signal, { kind: 'aborted' } as const)]);
      },
      watchForHang: async ({ signal }) => {
        hang = Promise.withResolvers();
        return Promise.race([hang.promise, untilAborted(signal, 'ended' as const)]);
      },
    },
    launcher: machine,
    profile: () => profile,
    plan: async () =>
      planFailure
        ? { ok: false, failure: planFailure }
        : {
            ok: true,
            plan: { profile, adapter, installation, bin: '', known: [], modelPath: '/a/model' },
          },
    openLog: async () => {
      run += 1;
      return log(run);
    },
    baseEnv: {},
    cwd: '/run',
    readmit: async () => {
      reserved = true;
      return undefined;
    },
    random: () => 0.5,
    stopGraceMs: () => 1000,
    releaseMemory: () => {
      reserved = false;
    },
    onChange: (changed) => {
      if (states.at(-1) !== changed.state) states.push(changed.state);
    },
  };
  const runner = new ServerRunner(profile.id, context);
  return {
    clock,
    machine,
    records,
    outcomes,
    states,
    runner,
    context,
    describe: () => runner.describe(profile),
    isReserved: () => reserved,
    prove: (outcome: ReadyOutcome = { kind: 'ready' }) => proof.resolve(outcome),
    hang: () => hang.resolve('hung'),
    failPlan: (reason: ServerFailure | undefined) => {
      planFailure = reason;
    },
    async ready() {
      runner.start();
      await turns();
      proof.resolve({ kind: 'ready' });
      await turns();
      expect(runner.state).toBe('ready');
    },
  };
}

describe('one server under its loop', () => {
  it('is recorded before it is starting, and its record goes when it is proven gone', async () => {
    const s = setUp();
    s.runner.start();
    await turns();
    expect(s.runner.state).toBe('starting');
    expect(s.records.get(profile.id)?.process?.pid).toBe(1000);
    await s.runner.stop();
    expect(s.records.size).toBe(0);
    expect(s.machine.living).toEqual([]);
    expect(s.states).toEqual(['queued', 'starting', 'stopping', 'stopped']);
  });

  it('is not ready for a moment longer than its process lives', async () => {
    const s = setUp();
    await s.ready();
    s.machine.processes[0]?.end({ code: null, signal: 'SIGKILL' });
    await turns();
    expect(s.states).toEqual([
      'queued',
      'starting',
      'ready',
      'stopping',
      'backoff',
      'queued',
      'starting',
    ]);
    expect(s.describe().incident).toMatchObject({ times: 1, failure: { code: 'exited' } });
    expect(s.outcomes.get(profile.id)?.incident?.times).toBe(1);
    s.runner.acknowledge();
    await turns();
    expect(s.describe().incident).toBeUndefined();
    expect(s.outcomes.size).toBe(0);
  });

  it('is stuck, with the reason, while nothing can be told, and stopped once it can', async () => {
    const s = setUp();
    await s.ready();
    s.machine.blindness = 'the process table could not be read (EMFILE)';
    await s.runner.stop();
    expect(s.runner.state).toBe('stuck');
    expect(s.describe().failure?.message).toContain('EMFILE');
    expect(s.machine.living).toHaveLength(1);
    expect(s.records.size).toBe(1);
    expect(s.isReserved()).toBe(true);
    // Asked again with growing pauses: still nothing can be told.
    await s.clock.pass(30_000);
    expect(s.runner.state).toBe('stuck');
    s.machine.blindness = undefined;
    s.machine.processes[0]?.end({ code: 0, signal: null });
    await s.clock.pass(60_000);
    expect(s.runner.state).toBe('stopped');
    expect(s.records.size).toBe(0);
    expect(s.isReserved()).toBe(false);
  });

  it('ends what it could not see while it was to be ended, as soon as it sees it', async () => {
    const s = setUp();
    await s.ready();
    s.machine.blindness = 'the process table could not be read (EMFILE)';
    await s.runner.stop();
    s.machine.blindness = undefined;
    await s.clock.pass(60_000);
    expect(s.machine.living).toEqual([]);
    expect(s.runner.state).toBe('stopped');
    expect(s.records.size).toBe(0);
  });

  it('does not press again on what survived SIGKILL', async () => {
    const s = setUp();
    await s.ready();
    s.machine.keepsAll = true;
    await s.runner.stop();
    const stops = s.machine.stops;
    await s.clock.pass(60_000);
    expect(s.runner.state).toBe('stuck');
    expect(s.machine.stops).toBe(stops);
  });

  it('never starts a second process beside one about which nothing can be told', async () => {
    const s = setUp();
    await s.ready();
    s.machine.blindness = 'ps did not answer';
    s.machine.processes[0]?.end({ code: 1, signal: null });
    await turns();
    expect(s.runner.state).toBe('stuck');
    s.runner.start();
    await s.clock.pass(10_000);
    expect(s.machine.processes).toHaveLength(1);
  });

  it('ends a process whose record could not be written, and says why', async () => {
    const s = setUp();
    let writes = 0;
    const write = s.context.records.write.bind(s.context.records);
    Object.assign(s.context.records, {
      write: async (record: OwnershipRecord) => {
        writes += 1;
        if (writes === 2) throw new Error('ENOSPC: no space left on device');
        return write(record);
      },
    });
    s.runner.start();
    await turns();
    await s.clock.pass(0);
    expect(s.machine.processes[0]?.isAlive).toBe(false);
    expect(s.states).toContain('stopping');
  });

  it('keeps a ready server of which only the moment that it was ready could not be written', async () => {
    const s = setUp();
    let writes = 0;
    const write = s.context.records.write.bind(s.context.records);
    Object.assign(s.context.records, {
      write: async (record: OwnershipRecord) => {
        writes += 1;
        if (writes === 3) throw new Error('EMFILE: too many open files');
        return write(record);
      },
    });
    await s.ready();
    await s.clock.pass(1000);
    expect(s.runner.state).toBe('ready');
    expect(s.machine.living).toHaveLength(1);
    // What stood there before tells of its process, and the next writing has the moment too.
    expect(s.records.get(profile.id)).toMatchObject({ process: { pid: 1000 } });
    await s.runner.release();
    expect(s.records.get(profile.id)).toMatchObject({ released: true, ready: { afterMs: 0 } });
  });

  it('shows an uptime that no step of the clock can change', async () => {
    const s = setUp();
    await s.ready();
    await s.clock.pass(5000);
    s.clock.step(-863_997_000);
    expect(s.describe().uptimeSeconds).toBe(5);
    s.clock.step(2 * 863_997_000);
    expect(s.describe().uptimeSeconds).toBe(5);
  });

  it('tells the start, the crash and the time of a server that an earlier manager started', async () => {
    const s = setUp();
    await s.ready();
    await s.runner.release();
    const record = s.records.get(profile.id);
    expect(record).toMatchObject({ released: true, ready: { afterMs: 0 } });
  });
});

it('keeps its promises through any order of commands, ends, hangs, blind tables and clock steps', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(13), fc.nat(1000)), { minLength: 1, maxLength: 40 }),
      async (acts) => {
        const s = setUp();
        const stops: Promise<void>[] = [];
        for (const [act, number] of acts) {
          const living = s.machine.living.at(-1);
          switch (act) {
            case 0:
            case 1:
              s.runner.start({ safeMode: number % 2 === 0 });
              break;
            case 2:
              stops.push(s.runner.stop());
              break;
            case 3:
            case 4:
              s.prove();
              break;
            case 5:
              s.prove({ kind: 'failed', failure: failure('out_of_memory') });
              break;
            case 6:
              if (living) living.leavesChild = number % 3 === 0;
              living?.end({ code: number % 3, signal: null });
              break;
            case 7:
              s.hang();
              break;
            case 8:
              s.machine.blindness = number % 2 === 0 ? 'the table was cut' : undefined;
              break;
            case 9:
              s.machine.keepsAll = number % 3 === 0;
              break;
            case 10:
              s.machine.refusesSpawn = number % 3 === 0;
              s.failPlan(number % 5 === 0 ? failure('model_missing') : undefined);
              break;
            case 11:
              s.clock.step((number - 500) * 86_400_000);
              break;
            case 12:
              s.runner.acknowledge();
              break;
            default:
              await s.clock.pass(number * 10);
          }
          if (number % 2 === 0) await turns();
          check(s);
        }
        // The machine answers again: whatever was asked for comes to its end, and every waiter hears of it.
        s.machine.blindness = undefined;
        s.machine.keepsAll = false;
        stops.push(s.runner.stop());
        await s.clock.pass(200_000);
        stops.push(s.runner.stop());
        await Promise.all(stops);
        await turns();
        check(s);
        expect(s.runner.state).toBe('stopped');
        expect(s.machine.living).toEqual([]);
        expect(s.records.size).toBe(0);
        expect(s.isReserved()).toBe(false);
      },
    ),
    { numRuns: 400 },
  );
}, 60_000);

function check(s: ReturnType<typeof setUp>): void {
  const { state } = s.runner;
  expect(s.machine.living.length, 'one process at the most').toBeLessThan(2);
  if (!hasProcess(state) && state !== 'queued')
    expect(s.machine.living, `nothing runs in ${state}`).toEqual([]);
  if (s.machine.living.length > 0) expect(s.records.size, 'what runs is written down').toBe(1);
  if (hasProcess(state)) expect(s.isReserved(), 'what runs has its memory').toBe(true);
  if (isServing(state)) expect(s.runner.process, 'what serves is under watch').toBeDefined();
}
