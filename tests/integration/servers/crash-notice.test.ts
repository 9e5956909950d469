import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { processViews } from '@fixtures/process-views';
import { createServerHarness, quitDeadline, type ServerHarness } from '@fixtures/server-harness';

const { views, missing } = await processViews();

let h: ServerHarness;

/** A ready server that was killed, and is ready again. */
async function crashed() {
  const profile = await h.add();
  await h.servers.start(profile.id);
  const { pid = 0 } = await h.waitFor(profile.id, ['ready']);
  process.kill(pid, 'SIGKILL');
  await h.waitFor(profile.id, ['backoff', 'queued', 'starting', 'loading']);
  await h.waitFor(profile.id, ['ready']);
  return profile;
}

for (const name of missing) test.skip(`seen by ${name}`, () => undefined);

describe.each(views)('seen by $name', ({ processes }) => {
  beforeEach(async () => {
    h = await createServerHarness({ processes });
  });
  afterEach(async () => {
    await h.close();
  });

  test('a crash stays told until somebody has read of it, with the run whose log tells more', async () => {
    const profile = await crashed();
    const { incident } = h.servers.get(profile.id);
    expect(incident).toMatchObject({ times: 1, run: 1, failure: { code: 'exited' } });
    expect(h.servers.acknowledge(profile.id).incident).toBeUndefined();
    expect(h.servers.get(profile.id).incident).toBeUndefined();
  });

  test('the next manager tells of the crash, of the true start, and since when the server is ready', async () => {
    const profile = await crashed();
    const before = h.servers.get(profile.id);
    await h.servers.quit('leave-running', quitDeadline());
    await h.logs.close();
    const second = h.again();
    await second.servers.adoptAll();
    const after = await second.waitFor(profile.id, ['ready']);
    expect(after).toMatchObject({ pid: before.pid, since: before.since, restarts: 1 });
    expect(after.incident).toEqual(before.incident);
    expect(after.uptimeSeconds).toBeGreaterThanOrEqual(before.uptimeSeconds ?? 0);
    await second.servers.stop(profile.id);
    await second.logs.close();
  });

  test('a profile that has failed is failed for the next manager too, with its reason and its fix', async () => {
    const profile = await h.add({ EXIT_CODE: 3 }, { restart: 'never' });
    await h.servers.start(profile.id);
    const failed = await h.waitFor(profile.id, ['failed']);
    await h.servers.quit('stop', quitDeadline());
    await h.logs.close();
    const second = h.again();
    await second.servers.adoptAll();
    const after = second.servers.get(profile.id);
    expect(after).toMatchObject({ state: 'failed', since: failed.since });
    expect(after.failure).toEqual(failed.failure);
    // A person who starts or stops it has done with that.
    await second.servers.stop(profile.id);
    const third = second.again();
    await third.servers.adoptAll();
    expect(third.servers.get(profile.id)).toMatchObject({ state: 'stopped' });
    await second.logs.close();
  });
});
