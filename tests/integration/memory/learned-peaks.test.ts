import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { type CoreHarness, createCoreHarness } from '@fixtures/core-harness';
import { writeSparseModel } from '@fixtures/model-files';
import { until } from '@fixtures/until';
import type { ServerProfile } from '@shared/domain/profile';
import { afterEach, beforeEach, expect, it } from 'vitest';

const GIB = 1024 ** 3;

let h: CoreHarness;
beforeEach(async () => {
  h = await createCoreHarness({
    machineMemory: async () => ({ total: 64 * GIB, free: 40 * GIB }),
  });
  await h.registerEngine();
  await h.client.call('settings.set', { key: 'sampleSeconds', value: 1 });
});
afterEach(() => h.close());

/** A profile whose every answer takes four seconds of work. */
async function busyProfile(): Promise<ServerProfile> {
  const model = join(h.home.folder, 'Busy');
  await writeSparseModel(model, 10 * GIB);
  return h.createProfile({ name: 'Busy', model }, { PREFILL_MS: 4000 });
}

async function fitOf({ id }: ServerProfile) {
  const report = await h.client.call('profiles.fit', { profileId: id });
  if (!report) throw new Error('no estimate');
  return report.fit;
}

async function serverOf({ id }: ServerProfile) {
  const found = (await h.client.call('servers.list')).find(({ profileId }) => profileId === id);
  if (!found) throw new Error('no server');
  return found;
}

/** Four seconds of work, while it is measured each second. */
async function work(profile: ServerProfile): Promise<void> {
  // The machine is looked at seldom until a server runs.
  await expect.poll(async () => (await serverOf(profile)).memoryBytes).toBeDefined();
  const { url } = await serverOf(profile);
  const answer = await fetch(`${url}/chat/completions`, {
    method: 'POST',
    body: JSON.stringify({ messages: [{ role: 'user', content: 'hi' }], max_tokens: 1 }),
  });
  expect(answer.status).toBe(200);
  await answer.text();
}

const learned = (profile: ServerProfile) =>
  until(async () => {
    const { learnedPeak } = await fitOf(profile);
    return learnedPeak !== undefined && learnedPeak > 10_000_000 ? learnedPeak : undefined;
  }, 'a peak that was learned');

it('what a server takes while it works replaces the estimate everywhere, over restarts, until its settings change', async () => {
  const profile = await busyProfile();
  const estimated = await fitOf(profile);
  expect(estimated.learnedPeak).toBeUndefined();
  await h.client.call('servers.start', { profileId: profile.id });
  await h.waitFor(profile.id, 'ready');
  // It was loaded and proven: that is no work yet.
  expect((await fitOf(profile)).learnedPeak).toBeUndefined();
  await work(profile);
  const peak = await learned(profile);
  expect(peak).toBeLessThan(2 * GIB);
  await expect.poll(async () => (await serverOf(profile)).needsBytes).toBe(peak);
  await h.client.call('servers.stop', { profileId: profile.id });

  h = await h.restart('stop');
  const fit = await fitOf(profile);
  expect(fit.total).toBe(fit.learnedPeak);
  expect(fit.total).toBeGreaterThanOrEqual(peak);
  expect(fit.parts).toEqual(estimated.parts);
  const draft = { options: { temperature: 0.5 } };
  const ask = async (changes: Record<string, unknown>) =>
    (await h.client.call('profiles.fitDraft', { profileId: profile.id, draft: changes }))?.fit;
  expect((await ask(draft))?.learnedPeak).toBe(fit.learnedPeak);
  const other = await ask({ options: { 'parallel-requests': 2 } });
  expect(other?.learnedPeak).toBeUndefined();
  expect(other?.total).toBeGreaterThan(estimated.total);

  await h.client.call('profiles.update', {
    profileId: profile.id,
    changes: { options: { 'parallel-requests': 2 } },
  });
  expect(await fitOf(profile)).toEqual(other);
  await expect.poll(async () => (await serverOf(profile)).needsBytes).toBe(other?.total);
  // What was learned is of the settings, so it is true again with them.
  await h.client.call('profiles.update', { profileId: profile.id, changes: { options: {} } });
  expect((await fitOf(profile)).learnedPeak).toBe(fit.learnedPeak);

  const file = join(h.home.paths.documents, 'memory.json');
  expect(await readFile(file, 'utf8')).toContain(profile.id);
  await h.client.call('profiles.delete', { profileId: profile.id });
  await expect.poll(() => readFile(file, 'utf8')).not.toContain(profile.id);
});

it('a server that was taken over teaches too; one whose profile was changed meanwhile does not', async () => {
  const profile = await busyProfile();
  await h.client.call('servers.start', { profileId: profile.id });
  await h.waitFor(profile.id, 'ready');
  h = await h.restart('leave-running');
  await h.waitFor(profile.id, 'ready');
  await work(profile);
  const peak = await learned(profile);

  await h.client.call('profiles.update', {
    profileId: profile.id,
    changes: { options: { 'kv-bits': 8 } },
  });
  h = await h.restart('leave-running');
  await h.waitFor(profile.id, 'ready');
  await work(profile);
  expect((await fitOf(profile)).learnedPeak).toBeUndefined();
  await h.client.call('profiles.update', { profileId: profile.id, changes: { options: {} } });
  expect((await fitOf(profile)).learnedPeak).toBeGreaterThanOrEqual(peak);
});
