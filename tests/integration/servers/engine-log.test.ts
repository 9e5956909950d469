import { mlxLm } from '@core/engines/adapters/mlx-lm';
import type { AdapterChanges } from '@fixtures/fake-adapter';
import { createServerHarness, type ServerHarness } from '@fixtures/server-harness';
import type { LogLine } from '@shared/domain/log';
import { afterEach, describe, expect, test } from 'vitest';

let h: ServerHarness;
afterEach(async () => {
  await h.close();
});

async function start(
  faults: Parameters<ServerHarness['add']>[0],
  changes: Parameters<ServerHarness['add']>[1] = {},
  adapter: AdapterChanges = { failures: mlxLm.failures },
) {
  h = await createServerHarness({ adapter });
  const profile = await h.add(faults, changes);
  await h.servers.start(profile.id);
  return profile;
}

async function linesOf(profileId: string): Promise<LogLine[]> {
  return (await h.logs.read({ profileId, from: 0, limit: 5000 })).lines;
}

const requests = (lines: readonly LogLine[]): LogLine[] =>
  lines.filter(({ text }) => /"(?:GET|POST) /.test(text));

describe('what an engine says while it loads', () => {
  test('an exception that ends the main thread is found at once, though the process lives on', async () => {
    // It never listens: without its words only the end of the time to load would tell.
    const profile = await start(
      { FAIL: 'main_thread', HEALTH: 'after-load', LOAD_MS: 100 },
      { restart: 'never' },
    );
    const failed = await h.waitFor(profile.id, ['failed']);
    expect(failed.failure).toMatchObject({
      code: 'exited',
      message: 'The engine’s main thread ended: RuntimeError: made to fail.',
    });
    expect(failed.failure?.evidence).toContainEqual({
      label: 'Log',
      text: 'RuntimeError: made to fail',
    });
  });

  test('a request that failed does not end the load', async () => {
    const profile = await start({ REQUEST_FAILS_AFTER_MS: 0, LOAD_MS: 800 });
    await h.waitFor(profile.id, ['ready']);
    expect(h.history(profile.id)).toEqual(['queued', 'starting', 'loading', 'ready']);
  });
});

describe('what an engine says after it is ready', () => {
  test('the end of the thread that generates ends the server, with its exception', async () => {
    const profile = await start({ GENERATION_DIES_AFTER_MS: 500 }, { restart: 'never' });
    await h.waitFor(profile.id, ['ready']);
    const failed = await h.waitFor(profile.id, ['failed']);
    const words = "TypeError: unsupported operand type(s) for /: 'int' and 'str'";
    expect(failed.failure?.message).toBe(`The engine’s generation thread ended: ${words}.`);
    expect(failed.failure?.evidence).toContainEqual({ label: 'Log', text: words });
  });

  test('a request that failed is none of its failures', async () => {
    const profile = await start({ REQUEST_FAILS_AFTER_MS: 1500 });
    await h.waitFor(profile.id, ['ready']);
    await expect
      .poll(async () => (await linesOf(profile.id)).some(({ text }) => /BrokenPipe/.test(text)))
      .toBe(true);
    // Whatever follows from a line of the log begins within the same read.
    await h.servers.test(profile.id);
    expect(h.servers.get(profile.id).state).toBe('ready');
  });
});

describe('requests of the manager’s own', () => {
  test.each([
    ['by slashes', 'slashes', '1.0', '///health'],
    ['by a query', 'query', '1.1', '/health?mlx-manager=check'],
  ] as const)('are known in the log %s, and no others', async (_, probeMark, http, marked) => {
    const profile = await start({ HTTP: http }, {}, { probeMark });
    await h.waitFor(profile.id, ['ready']);
    await h.servers.test(profile.id);
    // It is written down when the answer has left.
    const isOther = ({ source }: LogLine): boolean => source === 'engine';
    await expect
      .poll(async () => requests(await linesOf(profile.id)).some(isOther), { timeout: 10_000 })
      .toBe(true);
    const found = requests(await linesOf(profile.id));
    const [test, ...others] = found.toReversed();
    expect(test).toMatchObject({ source: 'engine' });
    expect(test?.text).toContain('"POST /v1/chat/completions HTTP');
    expect(new Set(others.map(({ source }) => source))).toEqual(new Set(['probe']));
    expect(found[0]?.text).toContain(`"GET ${marked} HTTP`);
    const search = { profileId: profile.id, query: 'HTTP/1.1"' };
    const hits = await h.logs.search({ ...search, probes: false });
    expect(hits.lines).toEqual([test?.n]);
    expect((await h.logs.search({ ...search, probes: true })).lines).toHaveLength(found.length);
  });

  test('go without a mark to an engine that does not know it', async () => {
    const profile = await start({ HTTP: '1.0' }, {}, { probeMark: 'query' });
    await h.waitFor(profile.id, ['ready']);
    const found = requests(await linesOf(profile.id)).map(({ text, source }) => [
      source,
      /"(.*) HTTP.*" (\d+)/.exec(text)?.slice(1).join(' '),
    ]);
    expect(found.slice(-5)).toEqual([
      ['probe', 'GET /health?mlx-manager=check 404'],
      ['engine', 'GET /health 200'],
      ['probe', 'POST /v1/chat/completions?mlx-manager=check 404'],
      ['probe', 'GET /health?mlx-manager=check 404'],
      ['engine', 'POST /v1/chat/completions 200'],
    ]);
  });

  test('are neither the last line of a load nor the evidence of its failure', async () => {
    const profile = await start(
      { HEALTH_STATUS: 503, LOAD_MS: 60_000 },
      { loadDeadlineSeconds: 2, restart: 'never' },
    );
    const failed = await h.waitFor(profile.id, ['failed']);
    expect(requests(await linesOf(profile.id)).length).toBeGreaterThan(3);
    const last = failed.failure?.evidence.find(({ label }) => label === 'Last line');
    expect(last?.text).toContain('Starting httpd');
  });
});
