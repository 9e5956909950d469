import type { Effect, Message, Supervised } from '@core/servers/supervision/messages';
import { isAtRest, type Moment, step, stoppedServer } from '@core/servers/supervision/step';
import type { ServerFailure } from '@shared/domain/server';
import { hasProcess, isServing } from '@shared/domain/server-state';
import fc from 'fast-check';
import { expect, it } from 'vitest';

type Pending = Extract<Effect, { do: 'prepare' | 'drain' | 'end' | 'lookAgain' | 'leave' }>;

/**
 * The world around one server without a single process: what was begun and has not ended, whether the process
 * is alive in truth, and what was not heard of yet. Everything ends in any order, and in every way that it can.
 */
class World {
  server: Supervised = stoppedServer(0);
  /** Runs whose process is alive. */
  readonly alive = new Set<number>();
  readonly unheard: Message[] = [];
  pending: Pending[] = [];
  readonly cancelled = new Set<number>();
  watched: number | undefined;
  timer: number | undefined;
  hasMemory = false;
  isHandedOver = false;
  #at = 0;
  #wall = 1_700_000_000_000;

  constructor(readonly pick: (most: number) => number) {}

  send(message: Message): void {
    const restart = (['always', 'on-failure', 'never'] as const)[this.pick(3)] ?? 'never';
    const moment: Moment = { at: this.#at, wall: this.#wall, random: 0.5, restart };
    const before = this.server;
    const { server, effects } = step(before, message, moment);
    this.server = server;
    if (message.type === 'start' && before.state !== server.state) this.hasMemory = true;
    for (const effect of effects) this.#begin(effect);
    this.check();
  }

  #begin(effect: Effect): void {
    switch (effect.do) {
      case 'prepare':
        expect([...this.alive], 'no second process beside a living one').toEqual([]);
        expect(
          this.pending.filter((other) => other.do !== 'lookAgain'),
          'nothing under way when a run begins',
        ).toEqual([]);
        this.hasMemory = true;
        this.pending.push(effect);
        return;
      case 'drain':
      case 'end':
      case 'lookAgain':
      case 'leave':
        // A look changes nothing, so that an end or a handover may begin beside it.
        expect(
          this.pending.filter((other) => other.do !== 'lookAgain'),
          'one thing at a time',
        ).toEqual([]);
        this.pending.push(effect);
        return;
      case 'cancelPreparation':
        this.cancelled.add(effect.run);
        return;
      case 'prove':
      case 'watch':
        this.watched = effect.run;
        return;
      case 'unwatch':
        this.watched = undefined;
        this.pending = this.pending.filter((other) => other.do !== 'drain');
        return;
      case 'wait':
        this.timer = effect.run;
        return;
      case 'cancelWait':
        this.timer = undefined;
        return;
      case 'releaseMemory':
        expect([...this.alive], 'memory is given back when nothing runs').toEqual([]);
        this.hasMemory = false;
        return;
      case 'remember':
        return;
    }
  }

  /** What must be true after every message. */
  check(): void {
    const { state, run } = this.server;
    expect(this.alive.size, 'one process at the most').toBeLessThan(2);
    if (!hasProcess(state)) {
      expect([...this.alive], `${state} means that nothing runs`).toEqual([]);
    }
    const isOurs = this.server.handover === 'none' || this.server.handover === 'asked';
    if (isServing(state) && !this.server.isStopping && isOurs) {
      const knows = this.unheard.some(({ type }) => type === 'exited');
      expect(this.alive.has(run) || knows, 'ready means alive, as far as can be known').toBe(true);
    }
    if (hasProcess(state)) expect(this.hasMemory, 'a process has its memory').toBe(true);
    if (state === 'backoff') expect(this.timer, 'the next try is due some time').toBe(run);
    const isMoving =
      this.pending.length > 0 || this.watched === run || this.timer === run || this.isHandedOver;
    if (!isAtRest(this.server)) {
      expect(isMoving || this.unheard.length > 0, `something leads on from ${state}`).toBe(true);
    }
  }

  #hear(...messages: Message[]): void {
    this.unheard.push(...messages);
  }

  /** One thing that can happen now. */
  act(): void {
    const { run } = this.server;
    const failure = this.failure();
    switch (this.pick(12)) {
      case 0:
      case 1: {
        this.send({ type: 'start', safeMode: this.pick(2) === 0 });
        return;
      }
      case 2: {
        this.send({ type: 'stop' });
        return;
      }
      case 3: {
        this.send({ type: 'acknowledge' });
        return;
      }
      case 4:
        if (this.pick(8) === 0) this.send({ type: 'leave' });
        return;
      case 5: {
        // The process ends by itself; that is heard of now or later.
        const [living] = this.alive;
        if (living === undefined) return;
        this.alive.delete(living);
        this.#hear({ type: 'exited', run: living });
        return;
      }
      case 6:
      case 7: {
        const next = this.unheard.shift();
        if (next) this.send(next);
        return;
      }
      case 8: {
        this.#look(run, failure);
        return;
      }
      case 9:
        if (this.timer !== undefined) {
          const due = this.timer;
          this.timer = undefined;
          this.send({ type: 'due', run: due });
        }
        return;
      case 10:
        // The clock is set, or the machine sleeps.
        this.#wall += (this.pick(2) === 0 ? -1 : 1) * 86_400_000;
        this.#at += this.pick(100_000);
        return;
      default: {
        this.finish(this.pick(4));
        return;
      }
    }
  }

  /** What a watched run shows; also what is said of an earlier one too late. */
  #look(run: number, failure: ServerFailure): void {
    if (this.pick(6) === 0) {
      this.send({ type: 'hung', run: run - 1, failure });
      return;
    }
    if (this.watched !== run) return;
    const seen: Message[] = [
      { type: 'phase', run, phase: 'Loading', loading: true },
      { type: 'suspected', run, why: 'silent' },
      { type: 'recovered', run },
      { type: 'hung', run, failure },
      { type: 'notReady', run, failure },
    ];
    // Only a living process can prove itself.
    if (this.alive.has(run)) seen.push({ type: 'ready', run, afterMs: 1 });
    const message = seen[this.pick(seen.length)];
    if (message) this.send(message);
  }

  /** Something that was begun ends, in one of the ways in which it can. */
  finish(how: number): void {
    const effect = this.pending.shift();
    if (!effect) return;
    const { run } = effect;
    const failure = this.failure();
    switch (effect.do) {
      case 'prepare': {
        const isCancelled = this.cancelled.has(run);
        if (how === 0 && isCancelled) {
          this.send({ type: 'cancelled', run });
          return;
        }
        if (how === 1) {
          this.send({ type: 'refused', run, failure });
          return;
        }
        if (how === 2) {
          this.send({ type: 'unstartable', run, failure });
          return;
        }
        this.alive.add(run);
        this.send({ type: 'spawned', run });
        return;
      }
      case 'drain':
        if (how === 0) {
          this.pending.unshift(effect);
          this.send({ type: 'draining', run });
          return;
        }
        {
          this.send({ type: 'drained', run });
          return;
        }
      case 'end': {
        // It cannot be told, or the system keeps it.
        if (how === 0) {
          this.send({ type: 'survived', run, failure });
          return;
        }
        if (how === 1) {
          this.send({ type: 'defect', run, failure });
          return;
        }
        this.alive.delete(run);
        const { cause } = effect;
        const end =
          cause.kind === 'asked'
            ? undefined
            : cause.kind === 'failed'
              ? cause.end
              : { failure, wasReady: cause.wasReady, cleanExit: this.pick(3) === 0 };
        this.send({ type: 'gone', run, end });
        return;
      }
      case 'lookAgain':
        if (how < 2 || this.alive.has(run)) {
          this.send({ type: 'still', run, failure });
          return;
        }
        {
          this.send({ type: 'vanished', run });
          return;
        }
      case 'leave':
        this.isHandedOver = true;
        {
          this.send({ type: 'left', run });
          return;
        }
    }
  }

  failure(): ServerFailure {
    const codes = ['exited', 'port_in_use', 'out_of_memory', 'not_answering'] as const;
    const code = codes[this.pick(codes.length)] ?? 'exited';
    return { code, message: `It failed (${this.pick(3)}).`, evidence: [] };
  }

  /** A stop, and everything that is under way goes well: the server must come to rest, with nothing running. */
  settle(): void {
    this.send({ type: 'stop' });
    for (let round = 0; round < 20 && !isAtRest(this.server); round++) {
      const next = this.unheard.shift();
      if (next) this.send(next);
      else this.finish(3);
    }
    while (this.server.state === 'stuck' && this.server.handover === 'none') {
      this.send({ type: 'stop' });
      this.finish(3);
    }
  }
}

it('keeps its invariants through any order of commands, exits, hangs, failed proofs and clock steps', () => {
  fc.assert(
    fc.property(fc.infiniteStream(fc.nat()), fc.integer({ min: 1, max: 120 }), (numbers, acts) => {
      const pick = (most: number): number => Number(numbers.next().value) % most;
      const world = new World(pick);
      for (let act = 0; act < acts; act++) world.act();
      world.settle();
      expect(isAtRest(world.server)).toBe(true);
      if (world.server.handover === 'none') {
        expect(world.server.state).toBe('stopped');
        expect(world.alive.size).toBe(0);
        expect(world.hasMemory).toBe(false);
      }
    }),
    { numRuns: 3000 },
  );
});
