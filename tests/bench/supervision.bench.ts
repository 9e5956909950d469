import { performance } from 'node:perf_hooks';

import { createServerHarness, type ServerHarness } from '../fixtures/server-harness';
import { type BenchTable, pause, spread } from './measure';

const ROUNDS = 9;

/** Ready detection, respawn, crash notice and stop, on the stand-in engine, whose own times are known. */
export async function run(): Promise<BenchTable> {
  const h = await createServerHarness();
  try {
    return {
      name: 'Supervision (stand-in engine; ms, median and range)',
      rows: [
        ['measure', 'limit', 'measured'],
        ['ready seen after the engine can answer', '100', spread(await readyLag(h))],
        ['death by SIGKILL to the new process', '50', spread(await respawn(h))],
        ['death by SIGKILL to the new state at a listener', '250', spread(await crashSeen(h))],
        ['stop of an idle engine to proven gone', '200', spread(await stopTimes(h))],
      ],
    };
  } finally {
    await h.close();
  }
}

async function begin(h: ServerHarness, faults: Parameters<ServerHarness['add']>[0] = {}) {
  const profile = await h.add(faults);
  await h.servers.start(profile.id);
  return profile;
}

/** The stand-in listens first and answers a token once its load is over; asked from outside as well. */
async function readyLag(h: ServerHarness): Promise<number[]> {
  const lags: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const profile = await begin(h, { LOAD_MS: 150 + round * 130 });
    const answered = firstToken(profile.port);
    const ready = h.waitFor(profile.id, ['ready']).then(() => performance.now());
    lags.push(Math.max(0, (await ready) - (await answered)));
    await h.servers.stop(profile.id);
  }
  return lags;
}

async function firstToken(port: number): Promise<number> {
  for (;;) {
    try {
      const response = await fetch(`http://127.0.0.1:${port}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"messages":[{"role":"user","content":"hi"}],"max_tokens":1}',
      });
      if (response.status === 200) return performance.now();
    } catch {
      // Not listening yet.
    }
    await pause(2);
  }
}

async function respawn(h: ServerHarness): Promise<number[]> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const profile = await begin(h);
    const { pid = 0 } = await h.waitFor(profile.id, ['ready']);
    const killed = performance.now();
    process.kill(pid, 'SIGKILL');
    await h.waitFor(profile.id, ['backoff']);
    const next = await h.waitFor(profile.id, ['starting']);
    times.push(performance.now() - killed);
    if (next.pid === pid) throw new Error('the dead process was reported as the new one');
    await h.servers.stop(profile.id);
  }
  return times;
}

async function crashSeen(h: ServerHarness): Promise<number[]> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const profile = await begin(h);
    const { pid = 0 } = await h.waitFor(profile.id, ['ready']);
    const killed = performance.now();
    process.kill(pid, 'SIGKILL');
    await h.waitFor(profile.id, ['backoff']);
    times.push(performance.now() - killed);
    await h.servers.stop(profile.id);
  }
  return times;
}

/** The stand-in dies of SIGTERM at once, so the whole time is ours. */
async function stopTimes(h: ServerHarness): Promise<number[]> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const profile = await begin(h);
    await h.waitFor(profile.id, ['ready']);
    const began = performance.now();
    await h.servers.stop(profile.id);
    times.push(performance.now() - began);
  }
  return times;
}
