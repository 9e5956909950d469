import { mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { systemClock } from '@core/ports/clock';
import type { Clock } from '@core/ports';
import {
  createDownloadHarness,
  type DownloadHarness,
  modelRepo,
  repoHashes,
  snapshotHashes,
} from '@fixtures/download-harness';
import { until } from '@fixtures/until';
import type { Fault, HubRequest } from '@fixtures/fake-hub/faults';
import { addCommit, hubFile, type HubRepo, newRepo } from '@fixtures/fake-hub/repos';
import { mountFolder } from '@fixtures/mounts';
import type { Download } from '@shared/domain/download';
import { afterEach, describe, expect, test } from 'vitest';

const REF = 'mlx-community/Tiny-4bit';
const SHARD = 'model-00001-of-00002.safetensors';

/** A full disk is looked at every ten seconds; here every half. */
const IMPATIENT: Clock = {
  ...systemClock,
  setTimeout: (callback, ms) => systemClock.setTimeout(callback, ms === 10_000 ? 500 : ms),
};

let harness: DownloadHarness;
afterEach(() => harness.close());

function folderOf(cache = harness.cache): string {
  return path.join(cache, 'models--mlx-community--Tiny-4bit');
}

/** What the snapshot of the newest commit holds. */
function onDisk(repo: HubRepo, commit = repo.commits.at(-1)): Promise<Record<string, string>> {
  return snapshotHashes(path.join(folderOf(), 'snapshots', commit?.id ?? ''));
}

/** Downloads to the end, whichever it is. */
async function download(): Promise<Download> {
  const { id } = await harness.service.start({ ref: REF, revision: 'main' });
  return harness.until(id, 'done', 'failed');
}

/** A fault for the first request (or requests) of the first shard from the other host. */
function onShard(fault: Fault, times = 1): (request: HubRequest) => Fault | undefined {
  return ({ kind, file, count }) =>
    kind === 'cdn' && file === SHARD && count <= times ? fault : undefined;
}

async function expectWhole(repo: HubRepo): Promise<void> {
  const done = await download();
  expect(done, JSON.stringify(done)).toMatchObject({ state: 'done' });
  expect(await onDisk(repo)).toEqual(repoHashes(repo));
  // Nothing of the way is left.
  const blobs = await readdir(path.join(folderOf(), 'blobs'));
  expect(blobs.filter((name) => name.includes('incomplete'))).toEqual([]);
  const jobs = path.join(harness.home.paths.home, 'downloads');
  await until(async () => (await readdir(jobs)).length === 0, 'the folder of the job to go');
}

describe('a fault on the way costs nothing but time:', () => {
  test.for<[string, Fault, number]>([
    ['a connection that is cut', { kind: 'cut', after: 500_000 }, 3],
    ['a connection that is cut before its first byte', { kind: 'cut', after: 0 }, 2],
    ['one byte that is wrong', { kind: 'corrupt', at: 700_000 }, 1],
    ['a server that ignores ranges', { kind: 'no-range' }, 100],
    ['a file that is longer than it was said to be', { kind: 'length', by: 10 }, 1],
    ['a file that is shorter than it was said to be', { kind: 'length', by: -10 }, 1],
    ['an answer 500', { kind: 'answer', status: 500 }, 2],
    ['an answer 503', { kind: 'answer', status: 503 }, 2],
    ['an answer 416', { kind: 'answer', status: 416 }, 1],
    ['a signed address that has run out', { kind: 'answer', status: 403 }, 1],
    ['an answer 429 with Retry-After', answer429({ 'retry-after': '1' }), 1],
    ['an answer 429 with the hub’s own header', answer429({ ratelimit: '"resolvers";r=0;t=0' }), 1],
    ['a slow answer', { kind: 'slow', bytesPerSecond: 2_000_000 }, 1],
  ])('%s', async ([, fault, times]) => {
    const repo = await modelRepo(REF);
    harness = await createDownloadHarness({ repos: [repo] });
    harness.hub.plan = onShard(fault, times);
    await expectWhole(repo);
  });

  test('a connection from which nothing comes any more', async () => {
    const repo = await modelRepo(REF);
    harness = await createDownloadHarness({ repos: [repo], stallMs: 400 });
    harness.hub.plan = onShard({ kind: 'stall', after: 300_000 }, 2);
    await expectWhole(repo);
  });

  test('an answer 429 that says nothing is waited for, and a view is told until when', async () => {
    const repo = await modelRepo(REF);
    harness = await createDownloadHarness({ repos: [repo] });
    harness.hub.plan = onShard({ kind: 'answer', status: 429, headers: { ratelimit: '' } });
    const { id } = await harness.service.start({ ref: REF, revision: 'main' });
    const waiting = () => harness.service.list().find((one) => one.id === id)?.waiting;
    await harness.waitFor('it waits', () => waiting() !== undefined);
    const seconds = (Date.parse(waiting()?.until ?? '') - Date.now()) / 1000;
    expect(seconds).toBeGreaterThan(10);
    expect(seconds).toBeLessThan(31);
    expect(waiting()?.message).toMatch(/is limiting requests/);
  });

  test('cuts and kills fetch nothing twice', async () => {
    const repo = await modelRepo(REF, { weights: 20_000_000 });
    harness = await createDownloadHarness({ repos: [repo] });
    let cuts = 0;
    harness.hub.plan = ({ kind }) => {
      if (kind !== 'cdn' || cuts >= 12) return undefined;
      cuts += 1;
      return { kind: 'cut', after: 400_000 };
    };
    await expectWhole(repo);
    const size = repo.commits[0]?.files.get(SHARD)?.size ?? 0;
    expect(harness.hub.sent.get(SHARD)).toBeLessThanOrEqual(size * 1.02);
  });

  test('the branch moves on: the commit that was begun is the one that comes', async () => {
    const repo = await modelRepo(REF);
    const first = repo.commits[0];
    const other = [await hubFile('config.json', '{"model_type":"other"}')];
    harness = await createDownloadHarness({ repos: [repo] });
    harness.hub.plan = ({ kind, count }) => {
      if (kind === 'cdn' && count === 1 && repo.commits.length === 1) {
        addCommit(repo, other);
      }
      return undefined;
    };
    const done = await download();
    expect(done).toMatchObject({ state: 'done', commit: first?.id });
    expect(repo.commits).toHaveLength(2);
    expect(Object.keys(await onDisk(repo, first))).toContain(SHARD);
  });
});

describe('what a new try does not mend ends at once, with its reason:', () => {
  test('the same wrong byte twice', async () => {
    const repo = await modelRepo(REF);
    harness = await createDownloadHarness({ repos: [repo] });
    harness.hub.plan = onShard({ kind: 'corrupt', at: 1000 }, 100);
    const failed = await download();
    expect(failed).toMatchObject({ state: 'failed', failure: { code: 'bad_hash' } });
    expect(failed.failure?.message).toContain(SHARD);
    // A partial model is never offered: nothing names it.
    await expect(readdir(path.join(folderOf(), 'snapshots'))).rejects.toThrow();
    // The other files are kept for the next try, which fetches this one alone.
    harness.hub.plan = () => undefined;
    harness.hub.forget();
    await harness.service.resume(failed.id);
    await harness.until(failed.id, 'done');
    expect([...harness.hub.sent.keys()]).toEqual([SHARD]);
  });

  test('and the files that came right are kept, however soon it ends', async () => {
    const repo = await modelRepo(REF, { weights: 3000 });
    // All is over before the bytes are counted for the second time.
    const clock = { ...systemClock, monotonic: () => systemClock.monotonic() / 1000 };
    harness = await createDownloadHarness({ repos: [repo], clock });
    harness.hub.plan = onShard({ kind: 'corrupt', at: 1000 }, 100);
    const failed = await download();
    const size = repo.commits[0]?.files.get(SHARD)?.size ?? 0;
    expect(failed).toMatchObject({ state: 'failed', bytes: failed.total - size });
    const { files } = repo.commits[0] ?? {};
    const right = [...(files?.values() ?? [])].filter(
      ({ path: name }) => name !== SHARD && name !== '.gitattributes',
    );
    const blobs = await readdir(path.join(folderOf(), 'blobs'));
    expect(blobs.filter((name) => !name.endsWith('.incomplete')).toSorted()).toEqual(
      right.map(({ sha256, oid }) => sha256 ?? oid).toSorted(),
    );
  });

  test('a length that is wrong twice', async () => {
    const repo = await modelRepo(REF);
    harness = await createDownloadHarness({ repos: [repo] });
    harness.hub.plan = onShard({ kind: 'length', by: 7 }, 100);
    expect(await download()).toMatchObject({ state: 'failed', failure: { code: 'bad_hash' } });
  });

  test('503 without an end', async () => {
    const repo = await modelRepo(REF);
    harness = await createDownloadHarness({ repos: [repo] });
    harness.hub.plan = ({ kind }) =>
      kind === 'resolve' ? { kind: 'answer', status: 503, headers: {} } : undefined;
    await expect(harness.service.start({ ref: REF, revision: 'main' })).resolves.toBeDefined();
    const [job] = harness.service.list();
    await harness.waitFor('it says so', () => harness.service.list()[0]?.waiting !== undefined);
    expect(harness.service.list()[0]?.waiting?.message).toMatch(/is having problems.*503/);
    await harness.service.cancel(job?.id ?? '');
  });

  test('a redirect in a circle', async () => {
    const repo = await modelRepo(REF);
    harness = await createDownloadHarness({ repos: [repo] });
    harness.hub.plan = ({ kind, file, url }) =>
      kind === 'resolve' && file === SHARD
        ? { kind: 'answer', status: 302, headers: { location: url } }
        : undefined;
    const { id } = await harness.service.start({ ref: REF, revision: 'main' });
    await harness.waitFor('it says so', () =>
      Boolean(harness.service.list()[0]?.waiting?.message.includes('in a circle')),
    );
    await harness.service.cancel(id);
  });

  test.for<[string, number, Record<string, string>, string, RegExp]>([
    ['401', 401, {}, 'unauthorised', /requires a token/],
    ['a token that is not known', 401, BAD_TOKEN(), 'unauthorised', /rejected this token/],
    ['403 gated', 403, { 'x-error-code': 'GatedRepo' }, 'gated', /gated/],
    ['403 disabled', 403, DISABLED(), 'unauthorised', /Access to this resource is disabled/],
    ['404', 404, { 'x-error-code': 'EntryNotFound' }, 'not_found', /has no file/],
  ])('%s', async ([, status, headers, code, message]) => {
    const repo = await modelRepo(REF);
    harness = await createDownloadHarness({ repos: [repo] });
    harness.hub.plan = ({ kind, file }) =>
      kind === 'resolve' && file === SHARD ? { kind: 'answer', status, headers } : undefined;
    const failed = await download();
    expect(failed).toMatchObject({ state: 'failed', failure: { code } });
    expect(failed.failure?.message).toMatch(message);
  });

  test('a model that is not there is refused before there is a job', async () => {
    harness = await createDownloadHarness();
    const start = harness.service.start({ ref: REF, revision: 'main' });
    await expect(start).rejects.toMatchObject({ code: 'not_found', action: { id: 'set_token' } });
    expect(harness.service.list()).toEqual([]);
  });

  test('a revision that is not there', async () => {
    harness = await createDownloadHarness({ repos: [await modelRepo(REF)] });
    const start = harness.service.start({ ref: REF, revision: 'v9' });
    await expect(start).rejects.toMatchObject({ code: 'not_found', message: /no revision "v9"/ });
  });

  test('no network, before there is a job', async () => {
    harness = await createDownloadHarness({ env: { HF_ENDPOINT: 'http://127.0.0.1:9' } });
    const start = harness.service.start({ ref: REF, revision: 'main' });
    await expect(start).rejects.toMatchObject({ code: 'offline', message: /ECONNREFUSED/ });
  });

  test('weights in another format', async () => {
    const repo = newRepo(REF, [await hubFile('model.gguf', 'x'), await hubFile('README.md', 'y')]);
    harness = await createDownloadHarness({ repos: [repo] });
    const failed = await download();
    expect(failed).toMatchObject({ state: 'failed', failure: { code: 'validation' } });
    expect(failed.failure?.message).toMatch(/GGUF/);
  });
});

describe('the token goes to the hub alone:', () => {
  test('not to the host that it redirects to', async () => {
    const repo = await modelRepo(REF, { facts: { gated: 'auto' } });
    harness = await createDownloadHarness({ repos: [repo], token: 'hf_good' });
    harness.hub.approved.add(`mara ${REF}`);
    await expectWhole(repo);
    const tokens = (kind: string) =>
      new Set(harness.hub.requests.filter((r) => r.kind === kind).map((r) => r.authorization));
    expect(tokens('resolve')).toEqual(new Set(['Bearer hf_good']));
    expect(tokens('cdn')).toEqual(new Set([undefined]));
  });

  test('an account that has not accepted the terms is told so', async () => {
    const repo = await modelRepo(REF, { facts: { gated: 'manual' } });
    harness = await createDownloadHarness({ repos: [repo], token: 'hf_good' });
    const failed = await download();
    expect(failed).toMatchObject({
      state: 'failed',
      failure: { code: 'gated', action: { id: 'open_model_page' } },
    });
  });
});

describe('the disk:', () => {
  test('too small: refused before a byte of the model comes', async ({ skip }) => {
    const repo = await modelRepo(REF, { weights: 12_000_000 });
    const disk = await mountFolder('size=8m');
    if (typeof disk === 'string') return skip(disk);
    harness = await createDownloadHarness({ repos: [repo], cache: path.join(disk.folder, 'hub') });
    try {
      const failed = await download();
      expect(failed).toMatchObject({ state: 'failed', failure: { code: 'disk_full' } });
      expect(failed.failure?.shortBytes).toBeGreaterThan(3_000_000);
      expect(harness.hub.requests.filter(({ kind }) => kind === 'cdn')).toEqual([]);
    } finally {
      await harness.service.stop();
      await disk.close();
    }
  });

  test.for([
    ['while the manager runs', false],
    ['after a new start of it', true],
  ] as const)(
    'filled up by others on the way: it goes on when there is room, %s',
    async ([, isRestarted], { skip }) => {
      const repo = await modelRepo(REF, { weights: 12_000_000 });
      const disk = await mountFolder('size=20m');
      if (typeof disk === 'string') return skip(disk);
      const cache = path.join(disk.folder, 'hub');
      harness = await createDownloadHarness({ repos: [repo], cache, clock: IMPATIENT });
      harness.hub.bytesPerSecond = 6_000_000;
      try {
        const { id } = await harness.service.start({ ref: REF, revision: 'main' });
        await harness.waitFor(
          'it has begun',
          () => (harness.service.list()[0]?.bytes ?? 0) > 1_000_000,
        );
        await writeFile(path.join(disk.folder, 'other'), Buffer.alloc(11_000_000));
        const failed = await harness.until(id, 'failed', 'done');
        expect(failed).toMatchObject({ state: 'failed', failure: { code: 'disk_full' } });
        expect(failed.bytes).toBeGreaterThan(1_000_000);
        if (isRestarted) await harness.reopen();
        await rm(path.join(disk.folder, 'other'));
        harness.hub.forget();
        harness.hub.bytesPerSecond = undefined;
        // By itself: nobody asks for it.
        await harness.until(id, 'done');
        const sent = [...harness.hub.sent.values()].reduce((sum, bytes) => sum + bytes, 0);
        expect(sent).toBeLessThanOrEqual(failed.total - failed.bytes + 1_000_000);
      } finally {
        await harness.service.stop();
        await disk.close();
      }
    },
  );

  test('read-only: the folder is named', async ({ skip }) => {
    const repo = await modelRepo(REF);
    const disk = await mountFolder('size=8m,ro');
    if (typeof disk === 'string') return skip(disk);
    harness = await createDownloadHarness({ repos: [repo], cache: path.join(disk.folder, 'hub') });
    try {
      const failed = await download();
      expect(failed).toMatchObject({ state: 'failed', failure: { code: 'permission' } });
      expect(failed.failure?.message).toContain(disk.folder);
    } finally {
      await harness.service.stop();
      await disk.close();
    }
  });
});

describe('hostile repositories:', () => {
  test.for([
    '../outside.json',
    'a/../../outside.json',
    '/etc/outside.json',
    'C:/outside.json',
    'a\\..\\outside.json',
    'a/./b.json',
    'a//b.json',
    '.git/config.json',
    'x/.GIT/hooks.py',
    'a\u0000.json',
    'line\nbreak.json',
    `${'x'.repeat(300)}.json`,
    'CONFIG.json',
    'config.json/below.json',
  ])('one unsafe name refuses all of it: %j', async (name) => {
    const bad = await hubFile(name, 'evil');
    const repo = await modelRepo(REF, { extra: [bad] });
    harness = await createDownloadHarness({ repos: [repo] });
    const failed = await download();
    expect(failed).toMatchObject({ state: 'failed', failure: { code: 'unsafe_name' } });
    expect(harness.hub.requests.filter(({ kind }) => kind !== 'api')).toEqual([]);
  });

  test('a link that leads out of the cache is not followed', async () => {
    const extra = await hubFile('sub/extra.json', '{}');
    const repo = await modelRepo(REF, { extra: [extra] });
    harness = await createDownloadHarness({ repos: [repo] });
    const outside = path.join(harness.home.folder, 'outside');
    await mkdir(outside);
    const snapshot = path.join(folderOf(), 'snapshots', repo.commits[0]?.id ?? '');
    await mkdir(snapshot, { recursive: true });
    await symlink(outside, path.join(snapshot, 'sub'));
    const failed = await download();
    expect(failed).toMatchObject({ state: 'failed', failure: { code: 'unsafe_name' } });
    expect(await readdir(outside)).toEqual([]);
  });

  test('1,000 files', async () => {
    const extra = await Promise.all(
      Array.from({ length: 1000 }, (_, index) =>
        hubFile(`voices/${index % 100}/v${index}.json`, `{"voice":${index}}`),
      ),
    );
    const repo = await modelRepo(REF, { extra });
    harness = await createDownloadHarness({ repos: [repo] });
    expect(await download()).toMatchObject({ state: 'done', files: { total: 1006 } });
    expect(Object.keys(await onDisk(repo))).toHaveLength(1006);
  });
});

function answer429(headers: Record<string, string>): Fault {
  return { kind: 'answer', status: 429, headers };
}

function BAD_TOKEN(): Record<string, string> {
  return { 'x-error-message': 'Invalid credentials in Authorization header' };
}

function DISABLED(): Record<string, string> {
  return { 'x-error-message': 'Access to this resource is disabled.' };
}
