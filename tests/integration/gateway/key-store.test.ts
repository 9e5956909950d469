import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { GATEWAY_KEYS } from '@core/gateway/key-document';
import { KeyStore } from '@core/gateway/key-store';
import { NoticeBoard } from '@core/notices/notice-board';
import { Background } from '@core/ports/background';
import { createManualClock, type ManualClock } from '@fixtures/manual-clock';
import { recordingLogger } from '@fixtures/recording-logger';
import { createTempHome, type TempHome } from '@fixtures/temp-home';
import { createDocumentStore } from '@host/document-store';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const NOW = Date.parse('2026-12-01T12:00:00Z');
const DAY = 86_400_000;

let home: TempHome;
let clock: ManualClock;
let background: Background;
let notices: NoticeBoard;
let log: string[];
let changes: number;
beforeEach(async () => {
  home = await createTempHome();
  await mkdir(home.paths.home, { recursive: true });
  clock = createManualClock(NOW);
  log = [];
  changes = 0;
  notices = new NoticeBoard({ clock, publish: () => undefined });
  background = new Background(recordingLogger(log, 'background').logger);
});
afterEach(() => home.close());

const file = (): string => join(home.paths.home, `${GATEWAY_KEYS.name}.json`);
const stored = async (): Promise<string> => readFile(file(), 'utf8');

async function open(write?: (value: unknown) => Promise<void>): Promise<KeyStore> {
  const document = createDocumentStore(home.paths.home, GATEWAY_KEYS.name);
  const { logger } = recordingLogger(log, 'keys');
  const store = new KeyStore({
    document: write ? { path: document.path, read: () => document.read(), write } : document,
    ...{ clock, notices, background, logger },
    isKnownProfile: (id) => ['qwen3qwen3', 'gemma4gemma'].includes(id),
    changed: () => void changes++,
  });
  await store.load();
  return store;
}

describe('a key that is added', () => {
  it('is told once, and kept as its hash alone', async () => {
    const store = await open();
    const { key, ...about } = await store.add({
      name: 'Laptop',
      profileIds: ['qwen3qwen3', 'qwen3qwen3'],
      expiresDays: 30,
      tokenQuota: 1000,
    });
    expect(key).toMatch(/^mlxm_[A-Za-z0-9_-]{43}$/);
    expect(about).toEqual({
      id: expect.stringMatching(/^[a-z0-9]{12}$/),
      name: 'Laptop',
      profileIds: ['qwen3qwen3'],
      createdAt: '2026-12-01T12:00:00.000Z',
      expiresAt: '2026-12-31T12:00:00.000Z',
      tokenQuota: 1000,
      tokensUsed: 0,
    });
    expect(store.list()).toEqual([about]);
    expect(store.entries()).toEqual([
      {
        id: about.id,
        name: 'Laptop',
        hash: createHash('sha256').update(key).digest('hex'),
        profileIds: ['qwen3qwen3'],
        expiresAt: NOW + 30 * DAY,
        tokensLeft: 1000,
      },
    ]);
    expect(`${await stored()}${log.join('\n')}`).not.toContain(key);
    expect((await open()).list()).toEqual([about]);
    expect(changes).toBe(1);
  });

  it('without limits opens every profile for ever', async () => {
    const store = await open();
    await store.add({ name: 'Everything' });
    const [about] = store.list();
    expect(about).toMatchObject({ profileIds: null });
    expect(Object.keys(store.entries()[0] ?? {}).sort()).toEqual(['hash', 'id', 'name']);
  });

  it('needs a name of its own and profiles that exist', async () => {
    const store = await open();
    const outcomes = await Promise.allSettled([
      store.add({ name: 'Laptop' }),
      store.add({ name: 'LAPTOP' }),
      store.add({ name: 'Other', profileIds: ['qwen3qwen3', 'nobody12'] }),
    ]);
    expect(outcomes).toMatchObject([
      { status: 'fulfilled' },
      { reason: { code: 'conflict', message: 'There is already a gateway key named Laptop.' } },
      {
        reason: {
          code: 'validation',
          message: 'profileIds must be ids of profiles; there is no profile nobody12.',
        },
      },
    ]);
    expect(store.list()).toHaveLength(1);
  });

  it('is not there when it could not be written', async () => {
    const store = await open(() => Promise.reject(new Error('no space')));
    await expect(store.add({ name: 'Laptop' })).rejects.toThrow('no space');
    expect(store.entries()).toEqual([]);
    expect(changes).toBe(0);
  });
});

describe('a key that is revoked', () => {
  it('is gone, now and at the next start', async () => {
    const store = await open();
    const { id } = await store.add({ name: 'Laptop' });
    await store.add({ name: 'Phone' });
    expect(await store.revoke(id)).toMatchObject({ id, name: 'Laptop' });
    expect(store.list().map(({ name }) => name)).toEqual(['Phone']);
    expect((await open()).list().map(({ name }) => name)).toEqual(['Phone']);
    await expect(store.revoke(id)).rejects.toMatchObject({ code: 'not_found' });
    // A request of it ends after it: its tokens belong to nobody.
    store.noteUse(id, 10, clock.now());
    await store.stop();
    expect(store.list()).toHaveLength(1);
  });
});

describe('what a key has used', () => {
  it('counts at once and is written together', async () => {
    const store = await open();
    const { id } = await store.add({ name: 'Laptop', tokenQuota: 1000 });
    const before = await stored();
    for (const tokens of [100, 200, 50]) store.noteUse(id, tokens, clock.now());
    expect(store.list()).toMatchObject([
      { tokensUsed: 350, lastUsedAt: '2026-12-01T12:00:00.000Z' },
    ]);
    expect(store.entries()).toMatchObject([{ tokensLeft: 650 }]);
    expect(await stored()).toBe(before);
    clock.advance(5000);
    await background.settled();
    expect(changes).toBe(2);
    expect((await open()).list()).toMatchObject([{ tokensUsed: 350 }]);
    expect(store.list()).toMatchObject([{ tokensUsed: 350 }]);
  });

  it('is told at once when it was the rest of a quota, and never falls below nothing', async () => {
    const store = await open();
    const { id } = await store.add({ name: 'Laptop', tokenQuota: 100 });
    store.noteUse(id, 99, clock.now());
    expect(changes).toBe(1);
    store.noteUse(id, 500, clock.now());
    expect(changes).toBe(2);
    expect(store.entries()).toMatchObject([{ tokensLeft: 0 }]);
    store.noteUse(id, 500, clock.now());
    expect(changes).toBe(2);
    await store.stop();
  });

  it('is no sum of what is no number', async () => {
    const store = await open();
    const { id } = await store.add({ name: 'Laptop', tokenQuota: 100 });
    for (const tokens of [Number.NaN, Number.POSITIVE_INFINITY, -50, 1.5, 10]) {
      store.noteUse(id, tokens, clock.now());
    }
    await store.stop();
    expect((await open()).list()).toMatchObject([{ tokensUsed: 10 }]);
  });

  it('is written once when the manager stops, whatever is under way', async () => {
    const store = await open();
    const { id } = await store.add({ name: 'Laptop' });
    store.noteUse(id, 10, clock.now());
    await Promise.all([store.flush(), store.stop(), store.flush()]);
    store.noteUse(id, 5, clock.now() + 1000);
    const flushed = store.flush();
    store.noteUse(id, 7, clock.now());
    await flushed;
    expect(store.list()).toMatchObject([{ tokensUsed: 22 }]);
    await store.stop();
    expect((await open()).list()).toMatchObject([
      { tokensUsed: 22, lastUsedAt: '2026-12-01T12:00:01.000Z' },
    ]);
  });

  it('is kept where it cannot be written, and written later', async () => {
    const id = (await (await open()).add({ name: 'Laptop' })).id;
    let isFull = true;
    const document = createDocumentStore(home.paths.home, GATEWAY_KEYS.name);
    const store = await open((value) =>
      isFull ? Promise.reject(new Error('no space')) : document.write(value),
    );
    store.noteUse(id, 10, clock.now());
    await store.flush();
    expect(log.join('\n')).toContain("Uses of gateway keys couldn't be written");
    expect(store.list()).toMatchObject([{ tokensUsed: 10 }]);
    isFull = false;
    store.noteUse(id, 1, clock.now());
    await store.stop();
    expect((await open()).list()).toMatchObject([{ tokensUsed: 11 }]);
  });
});

describe('a document that was damaged', () => {
  const record = (change: Readonly<Record<string, unknown>>) => ({
    id: 'abcdefgh',
    name: 'Laptop',
    hash: 'a'.repeat(64),
    profileIds: null,
    createdAt: '2026-12-01T12:00:00.000Z',
    expiresAt: null,
    tokenQuota: null,
    tokensUsed: 0,
    lastUsedAt: null,
    ...change,
  });

  it.each([
    ['a hash', { hash: 'abc' }],
    ['its profiles', { profileIds: 'all' }],
    ['its end', { expiresAt: 'tomorrow' }],
    ['its quota', { tokenQuota: 'much' }],
    ['its count', { tokensUsed: -1 }],
  ])('a key without %s is left out rather than opening more', async (_, change) => {
    const keys = [record({ id: 'goodgood', name: 'Good' }), record(change)];
    await writeFile(file(), JSON.stringify({ version: 1, keys }));
    expect((await open()).list().map(({ name }) => name)).toEqual(['Good']);
    expect(notices.list()[0]?.message).toContain('Gateway key Laptop (Entry 2 of keys)');
  });

  it('a key that lost what tells about it still opens what it did', async () => {
    const keys = [record({ lastUsedAt: 5, createdAt: 'once', name: '', more: true })];
    await writeFile(file(), JSON.stringify({ version: 1, keys }));
    expect((await open()).list()).toEqual([
      {
        id: 'abcdefgh',
        name: 'Unnamed key',
        profileIds: null,
        createdAt: '2026-01-01T00:00:00.000Z',
        tokensUsed: 0,
      },
    ]);
  });

  it('of a newer version is kept as it is', async () => {
    const text = JSON.stringify({ version: 2, keys: [record({})] });
    await writeFile(file(), text);
    const store = await open();
    expect(store.entries()).toHaveLength(1);
    await expect(store.add({ name: 'Other' })).rejects.toMatchObject({ code: 'read_only' });
    store.noteUse('abcdefgh', 5, clock.now());
    await store.stop();
    expect(await stored()).toBe(text);
  });
});
