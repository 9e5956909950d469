import { readFile } from 'node:fs/promises';

import { faultEnv } from '@fixtures/fake-adapter';
import { ask, type ClientAnswer, DIALECTS } from '@fixtures/gateway-harness';
import { type ManagerProcess, startManager } from '@fixtures/manager-process';
import { until } from '@fixtures/until';
import { afterEach, beforeEach, expect, it } from 'vitest';

const HANGS_MS = 30_000;
const WORDS = JSON.stringify(Array.from({ length: 1000 }, (_, index) => ` ${index}`));

let manager: ManagerProcess;
beforeEach(async () => {
  manager = await startManager({ gatewayPort: 0 });
  await manager.registerEngine();
});
afterEach(() => manager.close());

async function gatewayPort(): Promise<number> {
  const client = await manager.client();
  return until(async () => {
    const { state, port } = await client.call('gateway.status');
    return state === 'listening' && port;
  }, 'the gateway to listen');
}

async function profile(name: string, faults: Parameters<typeof faultEnv>[0]): Promise<void> {
  const client = await manager.client();
  const port = await manager.home.freePort();
  await client.call('profiles.createLocal', {
    ...{ name, model: 'demo', port, start: 'request', env: faultEnv(faults) },
  });
}

const eventsOf = async (file: string): Promise<number> =>
  (await readFile(file, 'utf8').catch(() => '')).split('\n').filter(Boolean).length;

/** One stream and one waiting client of each dialect. */
async function load(port: number): Promise<Promise<ClientAnswer>[]> {
  const events = `${manager.home.folder}/events`;
  await profile('Streams', { TOKEN_MS: 20, WORDS, EVENTS_FILE: events });
  await profile('Loads', { LOAD_MS: 20_000 });
  const signal = AbortSignal.timeout(HANGS_MS);
  const answers = ['Streams', 'Loads'].flatMap((name) =>
    DIALECTS.map((dialect) => ask(port, dialect, name, { signal })),
  );
  // The proof of the start is a chat too, and it has ended.
  await until(async () => (await eventsOf(events)) >= 2 + DIALECTS.length, 'the streams to begin');
  return answers;
}

it('quits by a signal: each client is told or cut at once, and the process ends with 0', async () => {
  const answers = await load(await gatewayPort());
  const began = performance.now();
  expect(await manager.end('SIGTERM')).toBe(0);
  expect(performance.now() - began).toBeLessThan(15_000);
  for (const [index, answer] of (await Promise.all(answers)).entries()) {
    const dialect = DIALECTS[index % DIALECTS.length];
    const seen = `${dialect?.name}: ${answer.status} ${answer.text.slice(-200)}`;
    expect(answer.isCut || dialect?.failureIn(answer) !== undefined, seen).toBe(true);
  }
});

it('is killed under load: the next one has the servers, and answers', async () => {
  const answers = await load(await gatewayPort());
  manager = await manager.crash();
  for (const answer of await Promise.all(answers)) expect(answer.isCut).toBe(true);
  const port = await gatewayPort();
  for (const dialect of DIALECTS) {
    const answer = await ask(port, dialect, 'Streams', {
      leaveAfter: 20,
      signal: AbortSignal.timeout(HANGS_MS),
    });
    expect(dialect.wordsOf(answer), `${answer.status} ${answer.text.slice(-200)}`).toMatch(/^ 0 1/);
  }
});

it('restarts under load again and again, and each time the address answers', async () => {
  const port = await gatewayPort();
  await profile('Quick', { WORDS: '[" yes"]' });
  const [chat] = DIALECTS;
  if (!chat) throw new Error('no dialect');
  for (let round = 0; round < 3; round += 1) {
    const asked = Array.from({ length: 10 }, () =>
      ask(port, chat, 'Quick', { signal: AbortSignal.timeout(HANGS_MS) }).catch(() => undefined),
    );
    await manager.end(round === 1 ? 'SIGKILL' : 'SIGTERM');
    manager = await startManager({ home: manager.home, gatewayPort: port });
    await gatewayPort();
    await Promise.all(asked);
    const answer = await ask(port, chat, 'Quick', { signal: AbortSignal.timeout(HANGS_MS) });
    expect(chat.wordsOf(answer), answer.text).toBe(' yes');
  }
});
