import { randomInt } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';

import { randomOf } from '@fixtures/chaos/random';
import { enginesAlive } from '@fixtures/engines-alive';
import {
  type ClientAnswer,
  type ClientDialect,
  createGatewayHarness,
  DIALECTS,
  type GatewayHarness,
} from '@fixtures/gateway-harness';
import type { ServerProfile } from '@shared/domain/profile';
import { expect, test } from 'vitest';

const { MLX_MANAGER_SEED, MLX_MANAGER_SOAK_SECONDS } = process.env;
/** MLX_MANAGER_SEED repeats the choices of an earlier run, MLX_MANAGER_SOAK_SECONDS takes another time. */
const SEED = Number(MLX_MANAGER_SEED ?? randomInt(2 ** 31));
const SECONDS = Number(MLX_MANAGER_SOAK_SECONDS ?? 60);
/** Clients that ask all the time. */
const CLIENTS = 12;
/** A request that is neither answered nor refused by then waits for ever, ms. */
const HANGS_MS = 90_000;

/** A thread that was killed is followed by one that answers within this. */
const AGAIN_MS = 2000;
const THREAD_RUNS_MS = 61_000;

const WORDS = JSON.stringify(Array.from({ length: 60 }, (_, index) => ` ${index}`));
const QUICK = { WORDS, TOKEN_MS: 5 };
/** Every kind of server that a request may meet. */
const CAST = [
  { name: 'quick', faults: QUICK, fields: {} },
  { name: 'slow to load', faults: { ...QUICK, LOAD_MS: 3000 }, fields: {} },
  { name: 'soon unloaded', faults: QUICK, fields: { ttlSeconds: 1 } },
  { name: 'slow to stop', faults: { ...QUICK, TERM_MS: 2000 }, fields: { ttlSeconds: 2 } },
  { name: 'dies of an answer', faults: { ...QUICK, DIE_AFTER_TOKENS: 40 }, fields: {} },
  { name: 'heavy', faults: { ...QUICK, HOLD_MB: 400, LOAD_MS: 1000 }, fields: {} },
] as const;

/** What happens to servers and the gateway beside the requests. */
const DEEDS = [
  'start',
  'stop',
  'restart',
  'kill',
  'kill',
  'stopAll',
  'killThread',
  'edit',
] as const;

class Soak {
  readonly #h: GatewayHarness;
  readonly #profiles: readonly ServerProfile[];
  readonly #random = randomOf(SEED);
  readonly #threadDeaths: number[] = [];
  readonly #ends = performance.now() + SECONDS * 1000;
  readonly counts: Record<string, number> = {};
  readonly faults: string[] = [];

  constructor(h: GatewayHarness, profiles: readonly ServerProfile[]) {
    this.#h = h;
    this.#profiles = profiles;
  }

  async run(): Promise<void> {
    const clients = Array.from({ length: CLIENTS }, () => this.#client());
    await Promise.all([...clients, this.#world()]);
  }

  #isOver(): boolean {
    return performance.now() > this.#ends;
  }

  #count(what: string): void {
    this.counts[what] = (this.counts[what] ?? 0) + 1;
  }

  async #client(): Promise<void> {
    while (!this.#isOver()) {
      const dialect = this.#random.pick(DIALECTS);
      const { name } = this.#random.pick(this.#profiles);
      const isStream = this.#random.next() < 0.7;
      const leaveAfter = this.#random.next() < 0.15 ? this.#random.between(1, 20) : undefined;
      const began = performance.now();
      const what = `${dialect.name} ${isStream ? 'stream' : 'whole'} of ${name}`;
      try {
        const signal = AbortSignal.timeout(HANGS_MS);
        const options = { isStream, signal, ...(leaveAfter === undefined ? {} : { leaveAfter }) };
        const answer = await this.#h.ask(dialect, name, options);
        this.#judge(what, dialect, answer, began);
      } catch (error) {
        this.faults.push(`${what}: ${String(error)}`);
      }
      // Fixed wait: a client thinks.
      await pause(this.#random.next() * 200);
    }
  }

  #judge(what: string, dialect: ClientDialect, answer: ClientAnswer, began: number): void {
    const failure = dialect.failureIn(answer);
    if (answer.leftAt !== undefined) this.#count('left');
    else if (failure) this.#count(`${answer.status} ${failure.type}`);
    else if (answer.status === 200 && dialect.isComplete(answer)) this.#count('answered');
    else if (this.#threadDeaths.some((at) => at > began - AGAIN_MS))
      this.#count('cut by a thread that died');
    else {
      this.faults.push(
        `${what}: ${answer.status} isCut ${answer.isCut}: ${answer.text.slice(-200)}`,
      );
    }
  }

  /** One that dies young again and again is started again later each time: then there is no gateway for a while. */
  #isThreadOld(): boolean {
    return performance.now() - (this.#threadDeaths.at(-1) ?? -THREAD_RUNS_MS) > THREAD_RUNS_MS;
  }

  async #world(): Promise<void> {
    const { client } = this.#h;
    while (!this.#isOver()) {
      const { id: profileId, port } = this.#random.pick(this.#profiles);
      const deed = this.#random.pick<(typeof DEEDS)[number]>(DEEDS);
      this.#count(deed);
      // What is refused because of the state that it meets is refused with a reason.
      const refused = (): undefined => undefined;
      if (deed === 'start') await client.call('servers.start', { profileId }).catch(refused);
      if (deed === 'stop') await client.call('servers.stop', { profileId }).catch(refused);
      if (deed === 'restart') await client.call('servers.restart', { profileId }).catch(refused);
      if (deed === 'stopAll' && this.#random.next() < 0.3) await client.call('servers.stopAll');
      if (deed === 'kill') for (const { pid } of enginesAlive(port)) kill(pid);
      if (deed === 'edit') {
        const ttlSeconds = this.#random.between(0, 3);
        await client.call('profiles.update', { profileId, changes: { ttlSeconds } });
      }
      if (deed === 'killThread' && this.#isThreadOld()) {
        this.#threadDeaths.push(performance.now());
        await this.#h.thread.terminate();
      }
      // Fixed wait: the next deed.
      await pause(this.#random.next() * 1500);
    }
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself since it was seen.
  }
}

test(
  `${SECONDS} s of random starts, stops, kills and requests leave every request answered or refused`,
  async () => {
    console.log(`MLX_MANAGER_SEED=${SEED}`);
    const h = await createGatewayHarness();
    try {
      await h.registerEngine();
      await h.client.call('settings.set', { key: 'serverMemoryLimitGib', value: 6 });
      const profiles: ServerProfile[] = [];
      for (const { name, faults, fields } of CAST)
        profiles.push(await h.profile(name, faults, fields));
      const soak = new Soak(h, profiles);
      await soak.run();
      console.log(JSON.stringify(soak.counts, undefined, 1));
      expect(soak.faults).toEqual([]);
      expect(soak.counts.answered).toBeGreaterThan(SECONDS / 2);
      await h.proveNothingLeft();
      const defects = h.log.filter((line) => /because of a defect|could not decide/.test(line));
      expect(defects).toEqual([]);
    } finally {
      await h.close();
    }
  },
  SECONDS * 1000 + 300_000,
);
