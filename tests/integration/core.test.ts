import { setTimeout as sleep } from 'node:timers/promises';

import type { DocumentStore } from '@core/ports';
import { type CoreHarness, createCoreHarness } from '@fixtures/core-harness';
import { isListening } from '@fixtures/temp-home';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let harness: CoreHarness;

beforeEach(async () => {
  harness = await createCoreHarness();
  await harness.registerEngine();
});
afterEach(() => harness.close());

describe('the core on a data folder of its own', () => {
  it('serves a profile until it is stopped', async () => {
    const profile = await harness.createProfile({ name: 'Served' });
    await harness.client.call('servers.start', { profileId: profile.id });
    const ready = await harness.waitFor(profile.id, 'ready');
    expect(ready.pid).toBeGreaterThan(0);
    const answer = await harness.client.call('servers.test', { profileId: profile.id });
    expect(answer.text).toContain('Hello');
    const stopped = await harness.client.call('servers.stop', { profileId: profile.id });
    expect(stopped.state).toBe('stopped');
    expect(await isListening(profile.port)).toBe(false);
  });

  it('says why a profile cannot be served', async () => {
    const profile = await harness.createProfile({}, { FAIL: 'unsupported_architecture' });
    await harness.client.call('servers.start', { profileId: profile.id });
    const failed = await harness.waitFor(profile.id, 'failed');
    expect(failed.failure?.code).toBe('unsupported_architecture');
  });

  it('takes over a server that was left running: the same process goes on', async () => {
    const profile = await harness.createProfile({ name: 'Left' });
    await harness.client.call('servers.start', { profileId: profile.id });
    const before = await harness.waitFor(profile.id, 'ready');
    harness = await harness.restart('leave-running');
    const after = await harness.waitFor(profile.id, 'ready');
    expect(after).toMatchObject({ pid: before.pid, adopted: true });
  });
});

it('ends when what it was writing is written', async () => {
  const writing = new Set<string>();
  const document = (name: string): DocumentStore => ({
    path: name,
    read: async () => undefined,
    async write() {
      writing.add(name);
      // Fixed wait: a disk that takes its time; a core that did not wait would be gone by then.
      await sleep(200);
      writing.delete(name);
    },
  });
  const slow = await createCoreHarness({ document });
  const change = slow.client.call('settings.set', { key: 'unusedDays', value: 7 });
  change.catch(() => undefined); // its answer may be lost with the connection
  await expect.poll(() => writing.has('settings')).toBe(true);
  await slow.close();
  expect([...writing]).toEqual([]);
});
