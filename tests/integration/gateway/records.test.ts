import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { migrate } from '@core/gateway/records/record-schema';
import { RecordStore } from '@core/gateway/records/record-store';
import { openDatabase } from '@core/gateway/records/sqlite';
import { aRecord, records, recordsIn, type RecordsHarness } from '@fixtures/gateway-records';
import { mountFolder } from '@fixtures/mounts';
import { createTempHome, type TempHome } from '@fixtures/temp-home';
import type { PrefixFinding } from '@shared/gateway/record';

const at = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const DAY_MS = 24 * 60 * 60 * 1000;
const canMount = process.platform === 'linux' && process.geteuid?.() === 0;

let home: TempHome;
const open: RecordsHarness[] = [];

function inFolder(...[options, folder = home.folder]: [Parameters<typeof recordsIn>[1]?, string?]) {
  const harness = recordsIn(folder, options);
  open.push(harness);
  return harness;
}

beforeEach(async () => {
  home = await createTempHome();
});
afterEach(async () => {
  for (const { records: own } of open.splice(0)) own.close();
  await home.close();
});

const LOST: PrefixFinding = {
  cause: 'changing_line',
  commonParts: 0,
  part: 1,
  role: 'system',
  line: 3,
  tokensAgain: 800,
  secondsAgain: 1.5,
  isEstimate: false,
};

describe('records of the gateway', () => {
  it('come back as they were told, the newest first', () => {
    const { records: own, published } = inFolder();
    own.take([
      aRecord(0, { prefix: LOST, changes: ['max_tokens 32000 became 8000'] }),
      aRecord(1, {
        ...{ profileId: undefined, session: undefined, keyId: undefined, status: 404 },
        ...{ ending: 'refused', error: { code: 'model_not_found', message: 'There is none.' } },
        ...{ promptTokens: undefined, cachedTokens: undefined, answerTokens: undefined },
      }),
    ]);
    const [refused, answered] = own.requests({ limit: 10 });
    expect(refused).toMatchObject({
      ...{ id: 'request-1', profile: 'qwen', status: 404, ending: 'refused' },
      error: { code: 'model_not_found', message: 'There is none.' },
    });
    expect(refused?.promptTokens).toBeUndefined();
    expect(answered).toMatchObject({
      ...{ id: 'request-0', time: '2026-11-23T10:00:00.000Z', profile: 'Qwen 8B' },
      ...{ stream: true, sideCall: false, tokensPerSecond: 50 },
      changes: ['max_tokens 32000 became 8000'],
      prefix: { cause: 'changing_line', line: 3, tokensAgain: 800, secondsAgain: 1.5 },
    });
    expect(answered?.prefix?.message).toContain('Line 3 of the system message');
    expect([...published].reverse()).toEqual([refused, answered]);
  });

  it('are filtered and paged', () => {
    const { records: own } = inFolder();
    own.take(records(0, 100));
    const ids = (query: Parameters<typeof own.requests>[0]): string[] =>
      own.requests(query).map(({ id }) => id);
    expect(ids({ limit: 3 })).toEqual(['request-99', 'request-98', 'request-97']);
    expect(ids({ limit: 2, before: 'request-97' })).toEqual(['request-96', 'request-95']);
    expect(ids({ limit: 2, after: 'request-97' })).toEqual(['request-98', 'request-99']);
    expect(ids({ limit: 2, profileId: 'profile-1' })).toEqual(['request-97', 'request-94']);
    expect(ids({ limit: 2, sessionId: 'session-0' })).toEqual(['request-98', 'request-91']);
    expect(ids({ limit: 2, keyId: 'other' })).toEqual([]);
    expect(ids({ limit: 2, before: 'nothing' })).toEqual([]);
  });

  it('are counted once, however often they come', () => {
    const { records: own } = inFolder();
    own.take(records(0, 10));
    own.take(records(5, 10));
    expect(own.keySums()).toMatchObject([{ id: 'key-1', requests: 15, answerTokens: 15 * 101 }]);
  });

  it('make sessions, with what they lost', () => {
    const { records: own } = inFolder();
    own.take([
      aRecord(0, { session: 'a' }),
      aRecord(1, { session: 'a', prefix: LOST }),
      aRecord(2, { session: 'a', cachedTokens: undefined, profileId: undefined }),
      aRecord(3, { session: 'b', client: 'pi' }),
    ]);
    const prompt = [{ role: 'system', hash: '0123456789abcdef', length: 20 }];
    own.take([aRecord(4, { session: 'a', prompt, prefix: { ...LOST, cause: 'evicted' } })]);
    own.take([aRecord(5, { session: 'a', prefix: { ...LOST, cause: 'none', tokensAgain: 3 } })]);
    expect(own.sessions({ limit: 10 })).toMatchObject([{ id: 'a' }, { id: 'b', client: 'pi' }]);
    const { session, requests, prompt: last } = own.session('a');
    expect(last).toEqual(prompt);
    expect(own.session('b').prompt).toEqual([]);
    expect(session).toMatchObject({
      ...{ requests: 5, promptTokens: 5000, cachedTokens: 3600, reuse: 0.9 },
      ...{ firstTime: '2026-11-23T10:00:00.000Z', lastTime: '2026-11-23T10:00:00.005Z' },
    });
    expect(session.causes).toEqual([
      { cause: 'changing_line', requests: 1, tokensAgain: 800, secondsAgain: 1.5 },
      { cause: 'evicted', requests: 1, tokensAgain: 800, secondsAgain: 1.5 },
    ]);
    expect(requests.map(({ id }) => id)).toEqual([5, 4, 2, 1, 0].map((n) => `request-${n}`));
    expect(() => own.session('c')).toThrow('There is no session with the id c.');
  });

  it('tell how fast a profile answers', () => {
    const { records: own, clock } = inFolder();
    own.take([10, 30, 20].map((ms, n) => aRecord(n, { profileId: 'p', firstTokenMs: ms })));
    expect(own.speedOf('p')).toEqual({
      ...{ answers: 3, firstTokenMs: { last: 20, median: 20 } },
      tokensPerSecond: { last: 50, median: 50 },
    });
    clock.advance(2 * 60 * 60 * 1000);
    expect(own.speedOf('p')).toEqual({ answers: 0 });
  });

  it('are this user alone to read', async () => {
    const { records: own, path } = inFolder();
    own.take(records(0, 1));
    for (const name of await readdir(home.folder)) {
      if (!name.startsWith('gateway.sqlite')) continue;
      expect((await stat(join(home.folder, name))).mode & 0o077, name).toBe(0);
    }
    expect((await stat(path)).size).toBeGreaterThan(0);
  });

  it('are read where no manager runs, and nothing is put beside them', async () => {
    const writing = inFolder();
    writing.records.take(records(0, 5));
    writing.records.close();
    const before = await readdir(home.folder);
    const { records: reading } = inFolder({ mode: () => 'read' });
    expect(reading.requests({ limit: 10 })).toHaveLength(5);
    reading.close();
    expect(await readdir(home.folder)).toEqual(before);
    const { records: none } = inFolder({ mode: () => 'read' }, join(home.folder, 'empty'));
    expect(none.requests({ limit: 10 })).toEqual([]);
    expect(none.sessions({ limit: 10 })).toEqual([]);
  });

  it('are deleted as a whole, and go on', async () => {
    const { records: own } = inFolder();
    own.take(records(0, 5));
    own.removeAll();
    expect((await readdir(home.folder)).filter((name) => name.includes('sqlite'))).toEqual([]);
    own.take(records(5, 1));
    expect(own.requests({ limit: 10 })).toHaveLength(1);
  });
});

describe('the bound of the records', () => {
  function store(limits: { rows?: number; bytes?: number; ageMs?: number }): RecordStore {
    const database = openDatabase(join(home.folder, 'bound.sqlite'));
    migrate(database);
    return new RecordStore(database, { rows: 1e9, bytes: 1e9, ageMs: 1e15, ...limits });
  }

  it('is one of rows', () => {
    const own = store({ rows: 500 });
    for (let batch = 0; batch < 20; batch++) own.insert(records(batch * 100, 100), 0);
    expect(own.usage().rows).toBeLessThanOrEqual(500);
    expect(own.requests({ limit: 1 })).toMatchObject([{ id: 'request-1999' }]);
    own.close();
  });

  it('is one of bytes, of sessions too, and pages are given back', async () => {
    const limit = 1_000_000;
    const own = store({ bytes: limit });
    const prompt = Array.from({ length: 50 }, () => ({
      role: 'user',
      hash: 'a'.repeat(16),
      length: 9,
    }));
    for (let batch = 0; batch < 100; batch++) {
      const fresh = Array.from({ length: 50 }, (_, n) =>
        aRecord(batch * 50 + n, { session: `s-${batch}-${n}`, prompt }),
      );
      own.insert(fresh, batch);
    }
    expect(own.usage().bytes).toBeLessThan(1.5 * limit);
    own.close();
    expect((await stat(join(home.folder, 'bound.sqlite'))).size).toBeLessThan(2 * limit);
  });

  it('is one of age', () => {
    const own = store({ ageMs: 30 * DAY_MS });
    const now = Date.parse('2026-11-23T10:00:00Z');
    own.insert(records(0, 100), now);
    own.insert([aRecord(1000, { time: now + 31 * DAY_MS, session: 'new' })], now + 31 * DAY_MS);
    expect(own.requests({ limit: 10 }).map(({ id }) => id)).toEqual(['request-1000']);
    expect(own.sessions({ limit: 10 }).map(({ row }) => row.id)).toEqual(['new']);
    // What a key has used counts for its quota for as long as there is the key.
    expect(own.keySums()).toMatchObject([{ requests: 101 }]);
    own.close();
  });

  it('costs little: 1,000 records in a batch under 20 ms', () => {
    const own = store({ rows: 5000 });
    own.insert(records(0, 5000), 0);
    const prompt = Array.from({ length: 40 }, (_, n) => ({
      role: 'user',
      hash: `${n}`,
      length: 9,
    }));
    const times: number[] = [];
    for (let batch = 0; batch < 9; batch++) {
      const fresh = records(10_000 + batch * 1000, 1000).map((record) => ({
        ...record,
        prompt,
        prefix: LOST,
      }));
      const before = process.cpuUsage();
      own.insert(fresh, 0);
      const { user, system } = process.cpuUsage(before);
      times.push((user + system) / 1000);
    }
    own.close();
    const median = times.toSorted((a, b) => a - b)[4];
    expect(median, times.join(', ')).toBeLessThan(20);
  });
});

describe('faults of the disk', () => {
  const damages: [string, (path: string) => Promise<void>][] = [
    ['holds something else', (path) => writeFile(path, 'this is no database '.repeat(1000))],
    [
      'has pages overwritten',
      async (path) => {
        const bytes = await readFile(path);
        await writeFile(path, bytes.fill(0xa5, 4096));
      },
    ],
  ];
  it.each(damages)('a file that %s is set aside, and records go on', async (_, damage) => {
    const first = inFolder();
    first.records.take(records(0, 500));
    first.records.close();
    await damage(first.path);
    const before = await readFile(first.path);
    const { records: own, notices, path } = inFolder();
    own.take(records(500, 3));
    own.take(records(503, 2));
    expect(own.requests({ limit: 10 })).toHaveLength(5);
    const [kept = '', ...more] = (await readdir(home.folder)).filter((name) =>
      name.includes('.corrupt-'),
    );
    expect(more.filter((name) => !/-(wal|shm)$/.test(name))).toEqual([]);
    expect((await readFile(join(home.folder, kept))).equals(before)).toBe(true);
    expect(notices()).toEqual([
      expect.stringContaining(`The original file was kept as ${join(home.folder, kept)}`),
    ]);
    expect(notices()[0]).toContain(path);
  });

  it('a file of a newer version is left as it is, which is said once', async () => {
    const { path, ...harness } = inFolder();
    const newer = new DatabaseSync(path);
    newer.exec('CREATE TABLE other (a); PRAGMA user_version = 99');
    newer.close();
    const before = await readFile(path);
    harness.records.take(records(0, 5));
    harness.records.take(records(5, 5));
    expect(harness.notices()).toEqual([expect.stringContaining('saved by a newer version')]);
    expect(() => harness.records.requests({ limit: 1 })).toThrow(/Couldn't read/);
    expect((await readFile(path)).equals(before)).toBe(true);
  });

  it('a file that another program has locked costs records and not the gateway', () => {
    const { records: own, path, notices, log, published } = inFolder();
    own.take(records(0, 1));
    const other = new DatabaseSync(path);
    other.exec('BEGIN EXCLUSIVE');
    own.take(records(1, 10));
    own.take(records(11, 10));
    other.exec('ROLLBACK');
    other.close();
    own.take(records(21, 1));
    expect(notices()).toEqual([expect.stringContaining('Another program has locked')]);
    expect(log.filter((line) => line.includes('20 requests in between were not'))).toHaveLength(1);
    expect(own.requests({ limit: 100 })).toHaveLength(2);
    // They were counted and told all the same.
    expect(published).toHaveLength(22);
    expect(own.metricsText()).toContain('status="2xx"} ');
  });

  it.skipIf(!canMount)('a full disk costs records and not the gateway', async () => {
    const disk = await mountFolder('size=1m');
    if (typeof disk === 'string') throw new Error(disk);
    try {
      const { records: own, notices, log } = inFolder({}, disk.folder);
      own.take(records(0, 100));
      const filler = join(disk.folder, 'filler');
      await writeFile(filler, Buffer.alloc(2 * 1024 * 1024)).catch(() => undefined);
      for (let batch = 0; batch < 50; batch++) own.take(records(100 + batch * 100, 100));
      expect(notices()).toEqual([expect.stringContaining('The disk is full')]);
      expect(own.requests({ limit: 1 })).toHaveLength(1);
      await writeFile(filler, '');
      own.take(records(10_000, 1));
      expect(own.requests({ limit: 1 })).toMatchObject([{ id: 'request-10000' }]);
      expect(log.some((line) => line.includes('Requests are recorded again'))).toBe(true);
      own.close();
    } finally {
      await disk.close();
    }
  });

  it('kill -9 while records are written: nothing that was acknowledged is lost', async () => {
    const bundle = join(home.folder, 'bundle');
    await build({
      configFile: false,
      logLevel: 'error',
      resolve: { alias: { '@shared': at('src/shared'), '@core': at('src/main/core') } },
      ssr: { noExternal: true },
      build: {
        ssr: at('tests/fixtures/write-records.ts'),
        outDir: bundle,
        rolldownOptions: { output: { entryFileNames: 'write.mjs' } },
      },
    });
    let acknowledged = 0;
    for (let kill = 0; kill < 8; kill++) {
      const writer = spawn(
        process.execPath,
        [join(bundle, 'write.mjs'), home.folder, String(acknowledged)],
        {
          stdio: ['ignore', 'pipe', 'pipe'],
        },
      );
      let told = '';
      let complained = '';
      writer.stdout.on('data', (chunk) => {
        told += chunk;
      });
      writer.stderr.on('data', (chunk) => {
        complained += chunk;
      });
      await once(writer.stdout, 'data');
      // Fixed wait: a random moment of the writing.
      await sleep(randomInt(1, 80));
      writer.kill('SIGKILL');
      await once(writer, 'close');
      // Not even that its database is an experiment.
      expect(complained).toBe('');
      acknowledged = Number(told.trim().split('\n').at(-1));
    }
    // The log that the killed one left is read too.
    const { records: looking } = inFolder({ mode: () => 'read' });
    const [seen] = looking.requests({ limit: 1 });
    looking.close();
    const { records: own, notices } = inFolder();
    expect(notices()).toEqual([]);
    const [newest] = own.requests({ limit: 1 });
    expect(seen).toEqual(newest);
    expect(Number(newest?.id.split('-')[1])).toBeGreaterThanOrEqual(acknowledged - 1);
    const [sum] = own.keySums();
    // The batch that was under way is there whole or not at all.
    expect((sum?.requests ?? 0) % 50).toBe(0);
    expect(sum?.requests).toBeGreaterThanOrEqual(acknowledged);
    expect(notices()).toEqual([]);
  });
});
