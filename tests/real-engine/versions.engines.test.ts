import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CoreHarness, createCoreHarness, jobEnd } from '@fixtures/core-harness';
import type { Installation } from '@shared/domain/engine';
import { afterAll, beforeAll, expect, test } from 'vitest';

/** Two versions of mlx-lm from the package index beside each other. */
let h: CoreHarness;
let tested: Installation;
let earlier: Installation;

beforeAll(async () => {
  h = await createCoreHarness();
  earlier = await install('0.31.3');
  tested = await install();
}, 600_000);
afterAll(() => h.close());

async function install(version?: string): Promise<Installation> {
  const { id } = await h.client.call('engines.install', {
    engine: 'mlx-lm',
    ...(version === undefined ? {} : { version }),
  });
  await jobEnd(h.client, id);
  const { engineJobs, installations } = await h.client.call('app.snapshot');
  const installationId = engineJobs.find((job) => job.id === id)?.installationId;
  const found = installations.find((one) => one.id === installationId);
  if (!found) throw new Error('the installation is not in the list');
  return found;
}

const inUse = async (): Promise<string | undefined> =>
  (await h.client.call('engines.list')).find((one) => one.inUse)?.version;

test('both serve at once: one profile pinned to the earlier, one with the one in use', async () => {
  const [old, now] = [
    await h.createProfile({ name: 'Old', installation: earlier.id }),
    await h.createProfile({ name: 'Now' }),
  ];
  for (const { id } of [old, now]) await h.client.call('servers.start', { profileId: id });
  const [first, second] = await Promise.all(
    [old, now].map(({ id }) => h.waitFor(id, 'ready', 60_000)),
  );
  expect(first?.installation).toBe(earlier.id);
  expect(second?.installation).toBe(tested.id);
  for (const { id } of [old, now]) {
    expect((await h.client.call('servers.test', { profileId: id })).text).toContain('I am');
  }
  const removed = h.client.call('engines.remove', { installationId: earlier.id });
  await expect(removed).rejects.toMatchObject({ code: 'in_use' });
  for (const { id } of [old, now])
    await h.client.call('profiles.delete', { profileId: id, stop: true });
}, 120_000);

test('what differs between them is shown, and whom a switch would touch', async () => {
  const profile = await h.createProfile({ name: 'Touched', options: { 'kv-bits': 4 } });
  const pinned = await h.createProfile({ name: 'Pinned', installation: tested.id });
  const change = await h.client.call('engines.change', { installationId: earlier.id });
  expect(change).toMatchObject({ from: tested.id, to: earlier.id });
  expect(change.drift.removed).toEqual(['kv-bits', 'kv-group-size', 'quantized-kv-start']);
  expect(change.profiles).toEqual([
    { profileId: profile.id, name: 'Touched', problems: [expect.stringContaining('kv-bits')] },
  ]);
  for (const { id } of [profile, pinned]) await h.client.call('profiles.delete', { profileId: id });
});

test('a version that fails its self-test never replaces the one that works', async () => {
  const before = await inUse();
  // Reads its options as the real one does, and cannot serve.
  const broken = join(h.home.folder, 'broken server');
  const real = join(tested.path, 'bin', 'mlx_lm.server');
  await writeFile(
    broken,
    `#!/bin/sh\nif [ "$1" = --help ]; then exec '${real}' --help; fi\necho "RuntimeError: no such luck" >&2\nexit 1\n`,
  );
  await chmod(broken, 0o755);
  const job = await h.client.call('engines.register', { engine: 'mlx-lm', command: broken });
  await expect(jobEnd(h.client, job.id)).rejects.toThrow(/self-test failed/i);
  expect(await inUse()).toBe(before);
  const bad = await h.client.call('engines.install', { engine: 'mlx-lm', version: '99.9.9' });
  await expect(jobEnd(h.client, bad.id)).rejects.toThrow(
    /99\.9\.9 isn't in the package index.*stays in use/,
  );
  expect(await inUse()).toBe(before);
  expect(await h.client.call('engines.list')).toHaveLength(2);
}, 120_000);

test('roll-back puts the earlier one in use, at the next start of each profile', async () => {
  await h.client.call('engines.use', { installationId: tested.id });
  expect(await h.client.call('engines.rollback', { engine: 'mlx-lm' })).toMatchObject({
    id: earlier.id,
    inUse: true,
  });
  const profile = await h.createProfile({ name: 'After' });
  await h.client.call('servers.start', { profileId: profile.id });
  expect(await h.waitFor(profile.id, 'ready', 60_000)).toMatchObject({ installation: earlier.id });
  await h.client.call('profiles.delete', { profileId: profile.id, stop: true });
}, 120_000);

test('without an index: a clear error, and what is installed stays as it is', async () => {
  const changes = {
    UV_INDEX_URL: 'http://127.0.0.1:9/simple',
    UV_DEFAULT_INDEX: 'http://127.0.0.1:9/simple',
  };
  const offline = await createCoreHarness({
    env: {
      ...process.env,
      ...changes,
      PIP_INDEX_URL: changes.UV_INDEX_URL,
      UV_NO_CACHE: '1',
      UV_HTTP_RETRIES: '0',
      MLX_MANAGER_HOME: join(h.home.folder, 'offline'),
    },
  });
  try {
    const job = await offline.client.call('engines.install', { engine: 'mlx-lm' });
    await expect(jobEnd(offline.client, job.id)).rejects.toThrow(/package index|network|offline/i);
    expect(await offline.client.call('engines.list')).toEqual([]);
  } finally {
    await offline.close();
  }
}, 300_000);
