import { modelRepo } from '@fixtures/download-harness';
import type { HubRepo } from '@fixtures/fake-hub/repos';
import { createHubHarness, type HubHarness } from '@fixtures/hub-harness';
import { HubSearch } from '@shared/domain/hub';
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';

/** A machine that does much else. */
const SLOW = { timeout: 10_000 };

let repos: HubRepo[];
let harness: HubHarness;

const stored = (bytes: number) => ({ parameters: { BF16: bytes / 2 }, total: bytes / 2 });

beforeAll(async () => {
  const named = (name: string, downloads: number, size: number) =>
    modelRepo(name, { weights: 2000, facts: { downloads, safetensors: stored(size) } });
  repos = await Promise.all([
    ...Array.from({ length: 340 }, (_, index) =>
      named(`mlx-community/Large-${String(index).padStart(3, '0')}-4bit`, 10_000 - index, 4e12),
    ),
    named('mlx-community/Small-8bit', 5, 4e9),
    named('other/Small-4bit', 4, 4e9),
  ]);
});
beforeEach(async () => {
  harness = await createHubHarness(repos);
});
afterEach(() => harness.close());

const lists = () => harness.hub.requests.filter(({ path }) => path === '/api/models');

it('goes through the pages of the hub until enough match, and says where it stopped', async () => {
  const first = await harness.search({ sort: 'downloads', maxBytes: 10e9 });
  expect(first).toEqual({ models: [], looked: 300, next: 300 });
  const second = await harness.search({ sort: 'downloads', maxBytes: 10e9, offset: 300 });
  expect(second.models.map(({ name }) => name)).toEqual(['Small-8bit', 'Small-4bit']);
  expect(second.next).toBeUndefined();
  // What was read is kept: the same list again costs the hub nothing.
  const asked = lists().length;
  await harness.search({ sort: 'downloads', bits: 8 });
  expect(lists().length).toBe(asked);
});

it('judges by the models’ own files where the list does not tell the size', async () => {
  const unknown = await modelRepo('mlx-community/Unknown', { weights: 50_000 });
  await harness.close();
  harness = await createHubHarness([unknown]);
  const found = await harness.search({ maxBytes: 60_000 });
  expect(found.models[0]?.facts?.sizeBytes).toBeGreaterThan(45_000);
  expect((await harness.search({ maxBytes: 10_000 })).models).toEqual([]);
});

it('stops early where it has to read the files of each model: the hub counts the questions', async () => {
  const all = await Promise.all(
    Array.from({ length: 120 }, (_, index) => modelRepo(`org/Unknown-${index}`, { weights: 900 })),
  );
  await harness.close();
  harness = await createHubHarness(all);
  const found = await harness.search({ maxBytes: 1 });
  expect(found).toEqual({ models: [], looked: 90, next: 90 });
});

it('ends the request of a search that a newer one has made useless: the hub sees it go', async () => {
  harness.hub.plan = ({ url }) => (url.includes('slow') ? { kind: 'stall', after: 0 } : undefined);
  const old = harness.search({ query: 'slow' });
  await expect.poll(() => lists().length, SLOW).toBe(1);
  const next = harness.search({ query: 'small' });
  await expect(old).rejects.toMatchObject({ code: 'cancelled' });
  expect((await next).models).toHaveLength(2);
  await expect
    .poll(() => harness.hub.aborted.filter((url) => url.includes('slow')), SLOW)
    .toHaveLength(1);
});

it('does not end what another view still waits for', async () => {
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  harness.hub.hold = (url) => (url.includes('small') ? held : undefined);
  const mine = harness.search({ query: 'small' }, { view: 1 });
  const theirs = harness.search({ query: 'small' }, { view: 2 });
  await expect.poll(() => lists().length, SLOW).toBe(1);
  const view = { view: 3 };
  const third = harness.search({ query: 'small' }, view);
  const instead = harness.search({ query: 'other' }, view);
  release();
  await expect(third).rejects.toMatchObject({ code: 'cancelled' });
  expect((await mine).models).toHaveLength(2);
  expect((await theirs).models).toHaveLength(2);
  expect((await instead).models).toHaveLength(1);
});

it('tells which filter leaves out most when nothing is found', async () => {
  const search = HubSearch.parse({ query: 'small', bits: 4, author: 'mlx-community', fits: true });
  expect((await harness.search(search)).models).toEqual([]);
  const without = await harness.service.without(search);
  expect(without).toEqual([
    { filter: 'bits', models: 1, more: false },
    { filter: 'author', models: 1, more: false },
    { filter: 'fits', models: 0, more: false },
  ]);
});

it('says since when the hub has not answered, and forgets it with the first answer', async () => {
  await harness.hub.close();
  const first = await harness.search({ query: 'a' }).catch((error) => error);
  expect(first).toMatchObject({ code: 'offline', data: { noNetwork: false } });
  const again = await harness.search({ query: 'b' }).catch((error) => error);
  expect(again.data.since).toBe(first.data.since);
});
