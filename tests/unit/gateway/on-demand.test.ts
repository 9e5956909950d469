import { OnDemand, QUEUE_LENGTH } from '@core/gateway/demand/on-demand';
import { recordingLogger } from '@fixtures/recording-logger';
import { createManualClock, type ManualClock } from '@fixtures/manual-clock';
import { aProfile } from '@fixtures/a-profile';
import { Desk, NotAvailable } from '@gateway/forward/desk';
import type { ServerProfile } from '@shared/domain/profile';
import type { Server } from '@shared/domain/server';
import type { ServerState } from '@shared/domain/server-state';
import { DomainError } from '@shared/errors';
import type { FromDataPlane } from '@shared/gateway/plane';
import type { Target } from '@shared/gateway/target';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

/** A machine with room for so many bytes of servers, which load and stop as real ones do; the desk is the real one. */
class World {
  readonly clock: ManualClock = createManualClock();
  readonly profiles = new Map<string, ServerProfile>();
  readonly servers = new Map<string, Server>();
  readonly started: string[] = [];
  readonly stopped: string[] = [];
  /** Servers that were stopped while a request was under way. */
  readonly cutOff: string[] = [];
  readonly demand: OnDemand;
  readonly desk: Desk;
  loadMs = 1000;
  failsToLoad = false;
  #run = 0;
  #version = 0;
  readonly #counts = new Map<string, PromiseWithResolvers<number>>();

  constructor(
    readonly room: number,
    readonly needs: Readonly<Record<string, number>>,
  ) {
    this.desk = new Desk((message) => this.#take(message));
    this.demand = new OnDemand({
      clock: this.clock,
      logger: recordingLogger([], 'demand').logger,
      profile: (id) => this.profiles.get(id),
      server: (id) => this.server(id),
      servers: () => [...this.servers.values()],
      start: (id, { stopFirst }) => this.start(id, stopFirst),
      stop: (id) => this.stop(id),
      shut: (profileId) => {
        const count = Promise.withResolvers<number>();
        this.#counts.set(profileId, count);
        this.desk.take({ type: 'shut', profileId });
        return count.promise;
      },
      count: (profileId) => {
        const count = Promise.withResolvers<number>();
        this.#counts.set(profileId, count);
        this.desk.take({ type: 'shut', profileId });
        return count.promise;
      },
      open: (profileId) => this.desk.take({ type: 'open', profileId }),
      tell: (message) => this.desk.take(message),
    });
    for (const id of Object.keys(needs)) this.add(id);
  }

  add(id: string, changes: Partial<ServerProfile> = {}): void {
    this.profiles.set(id, aProfile({ id, name: id, start: 'request', ...changes }));
    this.#set(id, 'stopped');
  }

  server(id: string): Server {
    const server = this.servers.get(id);
    if (!server) throw new Error(`no server ${id}`);
    return server;
  }

  async start(id: string, stopFirst: readonly string[]): Promise<void> {
    const using = (without: readonly string[]): number =>
      [...this.servers.values()]
        .filter(({ pid, profileId }) => pid !== undefined && !without.includes(profileId))
        .reduce((sum, { profileId }) => sum + (this.needs[profileId] ?? 0), 0);
    const short = using(stopFirst) + (this.needs[id] ?? 0) - this.room;
    if (short > 0)
      throw new DomainError('does_not_fit', 'It does not fit.', { data: this.#report(short) });
    for (const other of stopFirst) await this.stop(other);
    this.started.push(id);
    this.#set(id, 'loading');
    this.clock.setTimeout(() => this.#set(id, this.failsToLoad ? 'failed' : 'ready'), this.loadMs);
  }

  async stop(id: string): Promise<void> {
    if (this.desk.underWayOf(id) > 0) this.cutOff.push(id);
    this.stopped.push(id);
    this.#set(id, 'stopped');
  }

  /** Lets everything happen that needs no time, and then so much time pass. */
  async pass(ms: number): Promise<void> {
    await settle();
    this.clock.advance(ms);
    await settle();
  }

  #set(id: string, state: ServerState): void {
    const hasProcess = state === 'ready' || state === 'loading';
    if (state === 'ready') this.#run += 1;
    const server = {
      ...{ profileId: id, name: id, state, since: new Date(this.clock.now()).toISOString() },
      ...(hasProcess && { pid: 1 }),
      ...(state === 'ready' && { readySeconds: this.loadMs / 1000 }),
      ...(state === 'failed' && {
        failure: { code: 'exited', message: 'It ended.', evidence: [] },
      }),
    } as unknown as Server;
    this.servers.set(id, server);
    this.#version += 1;
    const targets = [...this.servers.values()].map(({ profileId, state: now }) => ({
      profileId,
      address: now === 'ready' ? { host: '127.0.0.1', port: 1, run: this.#run } : undefined,
    })) as unknown as Target[];
    const doors = { hosts: [], origins: [], requireKey: false, keys: [] };
    this.desk.take({ type: 'directory', directory: { version: this.#version, targets, doors } });
    this.demand.serverChanged(server);
  }

  #report(shortBytes: number): unknown {
    const stoppable = [...this.servers.values()]
      .filter(({ pid }) => pid !== undefined)
      .map(({ profileId, state }) => ({
        ...{ profileId, name: profileId, state, freesBytes: this.needs[profileId] ?? 0 },
        ...{ busy: false, suffices: false },
      }));
    const parts = { weights: 0, kvCache: 0, promptCache: 0, overhead: 0 };
    const fit = {
      ...{ verdict: 'no', parts, total: 0, limit: 0, limitSource: 'gpu', inUse: 0, keepFree: 0 },
      ...{ context: 0, concurrency: 1, unknown: [] },
    };
    return { fit, shortBytes, stoppable, toStop: [], contexts: [] };
  }

  #take(message: FromDataPlane): void {
    if (message.type === 'ask') this.demand.ask(message);
    if (message.type === 'withdraw') this.demand.withdraw(message.ask);
    if (message.type === 'underWay') this.demand.underWay(message.profileId, message.count);
    if (message.type === 'shut') this.#counts.get(message.profileId)?.resolve(message.underWay);
  }
}

/** Rounds of the event loop after which nothing is left to do that needs no time. */
async function settle(): Promise<void> {
  for (let round = 0; round < 20; round++) await new Promise((resolve) => setImmediate(resolve));
}

const wish = (profileId: string, changes: { isSideCall?: boolean; signal?: AbortSignal } = {}) => ({
  profileId,
  isSideCall: false,
  signal: new AbortController().signal,
  ...changes,
});

describe('a profile on demand', () => {
  it('is started by the first request, and the others join that start', async () => {
    const world = new World(1, { a: 1 });
    const entries = [1, 2, 3].map(() => world.desk.enter(wish('a')));
    await world.pass(1000);
    for (const entry of await Promise.all(entries)) entry.leave();
    expect(world.started).toEqual(['a']);
    await world.pass(0);
    expect(world.demand.books).toEqual({ waiting: 0, underWay: 0 });
  });

  it('is not started where its policy is manual: the sentence says how', async () => {
    const world = new World(1, { a: 1 });
    world.add('a', { start: 'manual' });
    await expect(world.desk.enter(wish('a'))).rejects.toThrow(/mlx-manager start a/);
    expect(world.started).toEqual([]);
  });

  it('tells its failure to everybody who waited, and is left alone for a while', async () => {
    const world = new World(1, { a: 1 });
    world.failsToLoad = true;
    const waiting = Promise.allSettled([world.desk.enter(wish('a')), world.desk.enter(wish('a'))]);
    await world.pass(1000);
    for (const one of await waiting) {
      expect(one).toMatchObject({
        reason: new NotAvailable({ kind: 'failed', message: 'a failed. It ended.' }),
      });
    }
    await expect(world.desk.enter(wish('a'))).rejects.toThrow('It ended.');
    expect(world.started).toEqual(['a']);
    world.failsToLoad = false;
    await world.pass(10_000);
    const entering = world.desk.enter(wish('a'));
    await world.pass(1000);
    (await entering).leave();
    expect(world.started).toEqual(['a', 'a']);
  });

  it('makes room by unloading what is unused, and waits for what answers', async () => {
    const world = new World(2, { a: 1, b: 1, c: 1 });
    const a = world.desk.enter(wish('a'));
    await world.pass(1000);
    const b = world.desk.enter(wish('b'));
    await world.pass(2000);
    const inB = await b;
    (await a).leave();
    await world.pass(5000);
    const c = world.desk.enter(wish('c'));
    await world.pass(1000);
    (await c).leave();
    inB.leave();
    expect(world.stopped).toEqual(['a']);
    expect(world.cutOff).toEqual([]);
  });

  it('a title unloads nothing: it is refused, and the model stays', async () => {
    const world = new World(1, { a: 1, b: 1 });
    const a = world.desk.enter(wish('a'));
    await world.pass(1000);
    (await a).leave();
    await world.pass(60_000);
    await expect(world.desk.enter(wish('b', { isSideCall: true }))).rejects.toThrow(
      'It does not fit.',
    );
    expect(world.stopped).toEqual([]);
  });

  it('two models that do not fit together each keep a turn of their load time', async () => {
    const world = new World(1, { a: 1, b: 1 });
    world.loadMs = 10_000;
    const a = world.desk.enter(wish('a'));
    await world.pass(10_000);
    (await a).leave();
    const b = world.desk.enter(wish('b'));
    await world.pass(9000);
    expect(world.stopped).toEqual([]);
    await world.pass(1000);
    expect(world.stopped).toEqual(['a']);
    await world.pass(10_000);
    (await b).leave();
  });

  it('a model that is asked all the time makes room after its turn, and no answer is cut off', async () => {
    const world = new World(1, { a: 1, b: 1 });
    const first = world.desk.enter(wish('a'));
    await world.pass(1000);
    (await first).leave();
    // Two programs whose requests overlap: the model is never idle.
    let isIn = true;
    const pause = (ms: number) =>
      new Promise<void>((resolve) => world.clock.setTimeout(resolve, ms));
    const keepAsking = async (afterMs: number): Promise<void> => {
      await pause(afterMs);
      while (isIn) {
        const entry = await world.desk.enter(wish('a'));
        await pause(700);
        entry.leave();
      }
    };
    const asking = Promise.all([keepAsking(0), keepAsking(300)]);
    await world.pass(400);
    const waiting = world.desk.enter(wish('b'));
    for (let ticks = 0; ticks < 20 && !world.started.includes('b'); ticks++) await world.pass(500);
    expect(world.started).toEqual(['a', 'b']);
    expect(world.cutOff).toEqual([]);
    isIn = false;
    await world.pass(1000);
    (await waiting).leave();
    for (let ticks = 0; ticks < 10; ticks++) await world.pass(1000);
    await asking;
    await world.pass(0);
    expect(world.demand.books).toEqual({ waiting: 0, underWay: 0 });
  });

  it('is unloaded when nobody used it for as long as it says, and not while it answers', async () => {
    const world = new World(1, { a: 1 });
    world.add('a', { ttlSeconds: 60 });
    const a = world.desk.enter(wish('a'));
    await world.pass(1000);
    const entry = await a;
    await world.pass(120_000);
    expect(world.stopped).toEqual([]);
    entry.leave();
    await world.pass(59_000);
    expect(world.stopped).toEqual([]);
    await world.pass(1000);
    expect(world.stopped).toEqual(['a']);
  });

  it('has a queue with an end', async () => {
    const world = new World(1, { a: 1 });
    const client = new AbortController();
    const waiting = Array.from({ length: QUEUE_LENGTH }, () =>
      world.desk.enter(wish('a', { signal: client.signal })),
    );
    await expect(world.desk.enter(wish('a'))).rejects.toMatchObject({ why: { kind: 'full' } });
    client.abort(new Error('gone'));
    await Promise.allSettled(waiting);
    expect(world.demand.books).toEqual({ waiting: 0, underWay: 0 });
  });

  it('whatever is asked for: everybody is answered or told why, nothing is cut off, the books end at zero', async () => {
    const step = fc.record({
      profile: fc.constantFrom('a', 'b', 'c', 'd'),
      takesMs: fc.nat(8000),
      gapMs: fc.nat(3000),
      isSideCall: fc.boolean(),
      leavesAfterMs: fc.option(fc.nat(4000), { nil: undefined }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const world = new World(3, { a: 1, b: 1, c: 2, d: 3 });
        world.add('b', { ttlSeconds: 5 });
        const ends = steps.map(async ({ profile, takesMs, isSideCall, leavesAfterMs }, index) => {
          const client = new AbortController();
          for (let past = 0; past < index; past++) await Promise.resolve();
          if (leavesAfterMs !== undefined) {
            world.clock.setTimeout(
              () => client.abort(new Error('gone')),
              leavesAfterMs + index * 700,
            );
          }
          await new Promise<void>((resolve) => {
            world.clock.setTimeout(
              resolve,
              steps.slice(0, index).reduce((sum, { gapMs }) => sum + gapMs, 0),
            );
          });
          const entry = await world.desk.enter(
            wish(profile, { isSideCall, signal: client.signal }),
          );
          await new Promise<void>((resolve) => world.clock.setTimeout(resolve, takesMs));
          entry.leave();
        });
        const ended = Promise.allSettled(ends);
        let isOver = false;
        const over = ended.then(() => {
          isOver = true;
        });
        for (let ticks = 0; ticks < 600 && !isOver; ticks++) await world.pass(500);
        expect(isOver).toBe(true);
        await over;
        await world.pass(0);
        expect(world.cutOff).toEqual([]);
        expect(world.demand.books).toEqual({ waiting: 0, underWay: 0 });
        expect(world.desk.books).toEqual({ waiting: 0, underWay: 0 });
      }),
      { numRuns: 20 },
    );
  });
});
