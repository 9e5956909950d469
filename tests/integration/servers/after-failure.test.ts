import { type CoreHarness, createCoreHarness } from '@fixtures/core-harness';
import { afterEach, beforeEach, expect, test } from 'vitest';

let h: CoreHarness;
beforeEach(async () => {
  h = await createCoreHarness();
  await h.registerEngine();
});
afterEach(() => h.close());

test('out of memory: a start with less memory is offered, runs once, and the profile stays', async () => {
  const profile = await h.createProfile(
    { restart: 'never' },
    { FAIL: 'out_of_memory', LOAD_MS: 50, THEN: '1' },
  );
  await h.client.call('servers.start', { profileId: profile.id });
  const failed = await h.waitFor(profile.id, 'failed');
  expect(failed.failure).toMatchObject({ code: 'out_of_memory', action: { id: 'safe_mode' } });

  await h.client.call('profiles.updateLocal', { profileId: profile.id, changes: { env: {} } });
  await h.client.call('servers.start', { profileId: profile.id, safeMode: true });
  const ready = await h.waitFor(profile.id, 'ready');
  expect(ready).toMatchObject({ safeMode: true, restartNeeded: true });
  const { lines } = await h.client.call('logs.read', { profileId: profile.id });
  const text = lines.map((line) => line.text).join('\n');
  expect(text).toContain('With less memory, for this run only: ');
  expect(text).toMatch(/Starting mlx-lm .*--decode-concurrency 1/);

  await h.client.call('servers.restart', { profileId: profile.id });
  const usual = await h.waitFor(profile.id, 'ready');
  expect(usual.safeMode).toBeUndefined();
  expect((await h.client.call('profiles.get', { profileId: profile.id })).options).toEqual({});
});

test('what was known of a failure is kept with its run, secrets masked, and goes with its log', async () => {
  const profile = await h.createProfile(
    { restart: 'never', extraArgs: ['--chat-template-args', '{}'] },
    { FAIL: 'unsupported_architecture', LOAD_MS: 50 },
  );
  expect(await h.client.call('logs.failure', { profileId: profile.id })).toBeNull();
  await h.client.call('servers.start', { profileId: profile.id });
  await h.waitFor(profile.id, 'failed');
  const report = await h.client.call('logs.failure', { profileId: profile.id });
  expect(report).toMatchObject({
    run: 1,
    engine: 'mlx-lm',
    wasReady: false,
    failure: { code: 'unsupported_architecture' },
  });
  expect(report?.failure.evidence.some(({ label }) => label === 'Log')).toBe(true);
  expect(report?.argv).toContain('--chat-template-args');
  h = await h.restart('stop');
  expect(await h.client.call('logs.failure', { profileId: profile.id, run: 1 })).toEqual(report);
  await h.client.call('profiles.updateLocal', { profileId: profile.id, changes: { env: {} } });
  await h.client.call('servers.start', { profileId: profile.id });
  await h.waitFor(profile.id, 'ready');
  expect(await h.client.call('logs.failure', { profileId: profile.id })).toBeNull();
});
