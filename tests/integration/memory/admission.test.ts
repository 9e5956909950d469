import { join } from 'node:path';

import { type CoreHarness, createCoreHarness } from '@fixtures/core-harness';
import { writeSparseModel } from '@fixtures/model-files';
import { FitReport } from '@shared/domain/memory';
import type { ServerProfile } from '@shared/domain/profile';
import { DomainError } from '@shared/errors';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const GIB = 1024 ** 3;

let h: CoreHarness;
let machine = { total: 64 * GIB, free: 25 * GIB };
beforeEach(async () => {
  machine = { total: 64 * GIB, free: 25 * GIB };
  h = await createCoreHarness({ machineMemory: async () => machine });
  await h.registerEngine();
});
afterEach(() => h.close());

/** A profile on a model with so many GiB of weights; it needs about 2.6 GiB more, of which 2 GB for prompts. */
async function profileOf(
  name: string,
  weightsGib: number,
  fields: Partial<Parameters<CoreHarness['createProfile']>[0]> = {},
  faults: Parameters<CoreHarness['createProfile']>[1] = {},
): Promise<ServerProfile> {
  const model = join(h.home.folder, name);
  await writeSparseModel(model, weightsGib * GIB);
  return h.createProfile({ name, model, ...fields }, faults);
}

const start = (profile: ServerProfile, how: { force?: boolean; stopFirst?: string[] } = {}) =>
  h.client.call('servers.start', { profileId: profile.id, ...how });

async function refused(work: Promise<unknown>): Promise<{ error: DomainError; report: FitReport }> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof DomainError)) throw new Error(`not refused: ${String(error)}`);
  expect(error.code).toBe('does_not_fit');
  return { error, report: FitReport.parse(error.data) };
}

async function serverOf({ id }: ServerProfile) {
  const found = (await h.client.call('servers.list')).find(({ profileId }) => profileId === id);
  if (!found) throw new Error('no server');
  return found;
}

describe('a start that does not fit', () => {
  it('is refused with the sum, changes nothing, and is shown until something changes', async () => {
    const large = await profileOf('Large', 30);
    const { error, report } = await refused(start(large));
    expect(error.message).toMatch(/^Large doesn't fit: it needs 32\.\d GiB, 25\.0 GiB is free\.$/);
    expect(error.action).toMatchObject({ id: 'make_room', params: { profileId: large.id } });
    expect(report.fit).toMatchObject({ verdict: 'no', limitSource: 'memory', limit: 64 * GIB });
    expect(report.shortBytes).toBe(report.fit.total - 25 * GIB);
    expect(report).toMatchObject({ stoppable: [], toStop: [] });
    expect(await serverOf(large)).toMatchObject({
      state: 'stopped',
      refusal: { message: error.message, shortBytes: report.shortBytes },
    });
    // What profiles need is looked up in the background.
    await expect.poll(async () => (await serverOf(large)).needsBytes).toBe(report.fit.total);
    expect(h.seen.some(({ refusal }) => refusal !== undefined)).toBe(true);
    expect(h.seen.some(({ state }) => state !== 'stopped')).toBe(false);
    expect(await h.client.call('profiles.fit', { profileId: large.id })).toMatchObject({
      shortBytes: report.shortBytes,
    });

    await h.client.call('profiles.update', { profileId: large.id, changes: { name: 'Huge' } });
    expect((await serverOf(large)).refusal).toBeUndefined();
    await refused(start(large));
    machine.free = 40 * GIB;
    await start(large);
    await h.waitFor(large.id, 'ready');
    await h.client.call('servers.stop', { profileId: large.id });
    expect((await serverOf(large)).refusal).toBeUndefined();
  });

  it('starts anyway with force, and counts from then on', async () => {
    const large = await profileOf('Large', 30, {}, { LOAD_MS: 60_000 });
    const small = await profileOf('Small', 1);
    await start(large, { force: true });
    await h.waitFor(large.id, 'loading');
    const { error } = await refused(start(small));
    expect(error.message).toContain('0.0 GiB is free');
  });

  it('says whose limit refused it', async () => {
    await h.client.call('settings.set', { key: 'serverMemoryLimitGib', value: 10 });
    const { error, report } = await refused(start(await profileOf('Mine', 12)));
    expect(error.message).toMatch(
      /^Mine doesn't fit: it needs 14\.\d GiB, 10\.0 GiB of your 10\.0 GiB limit for servers is free\.$/,
    );
    expect(report.fit).toMatchObject({ limitSource: 'setting', limit: 10 * GIB, inUse: 0 });
  });

  it('is no matter of a tight one, nor of a program that nobody can weigh', async () => {
    const tight = await profileOf('Tight', 22);
    expect(await h.client.call('profiles.fit', { profileId: tight.id })).toMatchObject({
      fit: { verdict: 'tight' },
      shortBytes: 0,
      toStop: [],
    });
    await start(tight);
    await h.waitFor(tight.id, 'ready');
    machine.free = 0;
    const custom = await h.createProfile({
      name: 'Custom',
      engine: 'custom',
      model: 'none',
      custom: { command: process.execPath, readinessPath: '/health', chat: false },
      extraArgs: ['-e', 'setInterval(() => {}, 1000)', '{port}'],
    });
    expect(await h.client.call('profiles.fit', { profileId: custom.id })).toBeNull();
    await start(custom);
    await h.waitFor(custom.id, ['starting', 'loading']);
  });

  it('leaves a model that is not there to the failure that names it', async () => {
    machine.free = 0;
    const profile = await h.createProfile({ name: 'Gone', model: 'org/nowhere' });
    expect(await h.client.call('profiles.fit', { profileId: profile.id })).toBeNull();
    await start(profile);
    expect((await h.waitFor(profile.id, 'failed')).failure?.code).toBe('model_missing');
  });
});

describe('what runs already', () => {
  it('counts with what it needs while it loads, and with what it takes when it is ready', async () => {
    const loading = await profileOf('Loading', 10, {}, { LOAD_MS: 6000 });
    const other = await profileOf('Other', 12);
    await start(loading);
    await h.waitFor(loading.id, 'loading');
    const { report } = await refused(start(other));
    expect(report.stoppable).toMatchObject([
      { profileId: loading.id, state: 'loading', busy: true, suffices: true },
    ]);
    // Somebody waits for it: it is offered, not chosen.
    expect(report.toStop).toEqual([]);
    await h.waitFor(loading.id, 'ready');
    await start(other);
    await h.waitFor(other.id, 'ready');
  });

  it('two starts at once never get the same memory', async () => {
    const profiles = await Promise.all(
      ['A', 'B', 'C'].map((name) => profileOf(name, 12, {}, { LOAD_MS: 60_000 })),
    );
    const ends = await Promise.allSettled(profiles.map((profile) => start(profile)));
    expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected']);
    const states = (await h.client.call('servers.list')).map(({ state }) => state).sort();
    expect(states.filter((state) => state === 'stopped')).toHaveLength(2);
  });

  it('is stopped first where that is asked for, and only if it is enough', async () => {
    const loading = await profileOf('Loading', 8, {}, { LOAD_MS: 60_000 });
    const second = await profileOf('Second', 1, {}, { LOAD_MS: 60_000 });
    const other = await profileOf('Other', 16);
    await start(loading);
    await start(second);
    await refused(start(other, { stopFirst: [second.id] }));
    expect((await serverOf(second)).state).not.toBe('stopped');
    await start(other, { stopFirst: [loading.id, loading.id, other.id] });
    expect((await serverOf(loading)).state).toBe('stopped');
    expect((await serverOf(second)).state).not.toBe('stopped');
    await h.waitFor(other.id, 'ready');
  });

  it('a restart does not count its own process; one that no longer fits leaves it running', async () => {
    const profile = await profileOf('Mine', 15, {}, { LOAD_MS: 2000 });
    await start(profile);
    // While it loads it counts with all that it needs, and twice that is not there.
    const { pid } = await h.waitFor(profile.id, 'loading');
    await h.client.call('servers.restart', { profileId: profile.id });
    const again = await h.waitFor(profile.id, 'ready');
    expect(again.pid).not.toBe(pid);
    machine.free = 5 * GIB;
    await refused(h.client.call('servers.restart', { profileId: profile.id }));
    expect(await serverOf(profile)).toMatchObject({ state: 'ready', pid: again.pid });
    await h.client.call('servers.restart', { profileId: profile.id, force: true });
    await h.waitFor(profile.id, 'ready');
  });
});

describe('what starts by itself', () => {
  it('after a crash only where it fits still, and it says so', async () => {
    const profile = await profileOf('Crashes', 15, {}, { DIE_AFTER_MS: 1500 });
    await start(profile);
    await h.waitFor(profile.id, 'ready');
    machine.free = 5 * GIB;
    const failed = await h.waitFor(profile.id, 'failed');
    expect(failed.failure).toMatchObject({
      code: 'out_of_memory',
      message: expect.stringMatching(/^Not restarted: Crashes doesn't fit: it needs 17/),
      action: { id: 'make_room' },
    });
    machine.free = 25 * GIB;
    await start(profile);
    await h.waitFor(profile.id, 'ready');
  });

  it('with the manager: what does not fit is told in its report, and the next one is started', async () => {
    const large = await profileOf('Large', 30, { start: 'app' });
    const small = await profileOf('Small', 1, { start: 'app' });
    h = await h.restart('stop');
    await h.waitFor(small.id, 'ready');
    const { startup } = await h.client.call('app.snapshot');
    expect(startup?.entries).toMatchObject([
      {
        name: 'Large',
        state: 'failed',
        failure: { code: 'does_not_fit', shortBytes: expect.any(Number) },
      },
      { name: 'Small', state: 'ready' },
    ]);
    expect((await serverOf(large)).refusal).toBeDefined();
  });
});

describe('a form', () => {
  it('gets the sum of a draft as far as it can be used', async () => {
    const profile = await profileOf('Mine', 10);
    const ask = async (draft: Record<string, unknown>, profileId?: string) => {
      const question = { draft, ...(profileId ? { profileId } : {}) };
      return (await h.client.call('profiles.fitDraft', question))?.fit;
    };
    const saved = await ask({}, profile.id);
    expect(saved?.total).toBe(
      (await h.client.call('profiles.fit', { profileId: profile.id }))?.fit.total,
    );
    const more = await ask({ options: { 'parallel-requests': 8 } }, profile.id);
    expect(more?.parts.kvCache).toBe(8 * (saved?.parts.kvCache ?? 0));
    expect(await ask({ name: '', port: 1, model: profile.model })).toMatchObject({
      total: saved?.total,
    });
    expect(await ask({ name: 'New' })).toBeUndefined();
    expect(await ask({ model: '/no/such/folder' })).toBeUndefined();
    // One number on every screen: a new profile on the model needs what the model is said to need.
    const { total } = await h.client.call('models.fit', { ref: profile.model });
    expect(total).toBe(saved?.total);
  });
});
