import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { processViews } from '@fixtures/process-views';
import { createServerHarness, type ServerHarness } from '@fixtures/server-harness';
import { findListeners } from '@fixtures/see-processes';
import { until } from '@fixtures/until';

/**
 * What logs, answers and times decide, on this machine's own view of processes. What the view decides is in
 * states-seen.test.ts, on each one.
 */
const { views } = await processViews();

let h: ServerHarness;
beforeEach(async () => {
  h = await createServerHarness();
});
afterEach(async () => {
  await h.close();
});

async function start(...args: Parameters<ServerHarness['add']>) {
  const profile = await h.add(...args);
  await h.servers.start(profile.id);
  return profile;
}

const nothingLeft = async (port: number): Promise<void> => {
  expect(await findListeners(port)).toEqual([]);
};

describe('failures while loading', () => {
  test.each([
    ['model_missing', 'model_missing'],
    ['no_weights', 'model_missing'],
    ['model_incomplete', 'model_incomplete'],
    ['unsupported_architecture', 'unsupported_architecture'],
    ['bad_option', 'bad_option'],
    ['permission', 'permission'],
    ['custom_code', 'custom_code'],
  ])('%s is failed at once, though the process stays alive', async (fail, code) => {
    const profile = await start({ FAIL: fail, LOAD_MS: 50 });
    const failed = await h.waitFor(profile.id, ['failed', 'backoff']);
    expect(failed.state).toBe('failed');
    expect(failed.failure?.code).toBe(code);
    expect(failed.failure?.action?.label).toBeTruthy();
    expect(failed.failure?.evidence.map((item) => item.label)).toContain('Cause');
    await nothingLeft(profile.port);
  });

  test('exit 0 on a failed load is a failure', async () => {
    const profile = await start({ FAIL: 'model_incomplete', THEN: '0', HEALTH: 'after-load' });
    const failed = await h.waitFor(profile.id, ['failed']);
    expect(failed.failure?.code).toBe('model_incomplete');
  });

  test('an exit without a cause is tried again, and the same one three times is the end', async () => {
    const profile = await start({ EXIT_CODE: 3 });
    const failed = await h.waitFor(profile.id, ['failed']);
    expect(failed.failure).toMatchObject({ code: 'exited' });
    expect(failed.restarts).toBe(2);
    expect(failed.failure?.evidence.map((item) => item.text).join()).toContain('exit code 3');
  });

  test('a load past the deadline is a load_timeout', async () => {
    const profile = await start({ LOAD_MS: 60_000 }, { loadDeadlineSeconds: 1, restart: 'never' });
    const failed = await h.waitFor(profile.id, ['failed']);
    expect(failed.failure).toMatchObject({
      code: 'load_timeout',
      action: { id: 'raise_deadline' },
    });
    await nothingLeft(profile.port);
  });

  test('a load that gets on is not given up, however long it takes', async () => {
    const profile = await start(
      { LOAD_MS: 3500, LOAD_BAR_MS: 200 },
      { loadDeadlineSeconds: 1, restart: 'never' },
    );
    await h.waitFor(profile.id, ['ready', 'failed']);
    expect(h.history(profile.id)).not.toContain('failed');
    await h.servers.stop(profile.id);
  });

  test('a load whose bar stands still is given up', async () => {
    const profile = await start(
      { LOAD_MS: 60_000, LOAD_BAR_MS: 700 },
      { loadDeadlineSeconds: 0.5, restart: 'never' },
    );
    const failed = await h.waitFor(profile.id, ['failed']);
    expect(failed.failure).toMatchObject({ code: 'load_timeout' });
  });

  test('a healthy answer without a token is never ready', async () => {
    const profile = await start(
      { HEALTH_STATUS: 200, HANG: 'chat' },
      { loadDeadlineSeconds: 1, restart: 'never' },
    );
    await h.waitFor(profile.id, ['failed']);
    expect(h.history(profile.id)).not.toContain('ready');
  });
});

describe('hangs', () => {
  test.each(['accept', 'headers', 'chat'])(
    'a server that hangs by %s is found and restarted',
    async (hang) => {
      const profile = await start({ HANG: hang, HANG_AFTER_MS: 800 }, { hangLimitSeconds: 5 });
      const first = await h.waitFor(profile.id, ['ready']);
      await h.waitFor(profile.id, ['degraded']);
      const hung = await h.waitFor(profile.id, ['backoff', 'starting']);
      expect(hung.pid).not.toBe(first.pid);
      expect(h.history(profile.id)).toContain('degraded');
    },
  );

  // Where CPU time is seen in whole seconds, progress must still be seen within the limit.
  test.each(views.filter(({ cpuStepMs }, index) => index === 0 || cpuStepMs >= 1000))(
    'a long prefill is progress, not a hang, seen by $name',
    async ({ processes }) => {
      await h.close();
      h = await createServerHarness({ processes });
      const profile = await start({ PREFILL_MS: 7000, LOAD_MS: 0 }, { hangLimitSeconds: 5 });
      await h.waitFor(profile.id, ['ready']);
      await h.servers.test(profile.id);
      expect(h.history(profile.id)).not.toContain('backoff');
    },
  );

  test('an idle healthy server stays ready beyond its limit', async () => {
    const profile = await start({}, { hangLimitSeconds: 5 });
    const { pid } = await h.waitFor(profile.id, ['ready']);
    // Fixed wait: nothing may happen to it in more than its limit.
    await sleep(6000);
    expect(h.servers.get(profile.id)).toMatchObject({ state: 'ready', pid });
  });
});

describe('output', () => {
  test.each(['binary', 'long-line', 'ansi', 'carriage-return', 'partial'])(
    '%s in the log neither keeps it from being ready nor reaches a view raw',
    async (output) => {
      const profile = await start({ OUTPUT: output });
      await h.waitFor(profile.id, ['ready']);
      const { lines } = await h.logs.read({ profileId: profile.id, from: -200, limit: 200 });
      for (const { text } of lines) {
        expect(text.length).toBeLessThan(9000);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: their absence is what is tested
        expect(text).not.toMatch(/[\u0000-\u0008\u001b]/);
      }
    },
  );

  test('a flood of log: it becomes ready, is read, and stops at once', async () => {
    const profile = await start({ FLOOD_MB_PER_S: 17, FLOOD_SECONDS: 4 });
    await h.waitFor(profile.id, ['ready']);
    const { run, lines } = await until(async () => {
      const page = await h.logs.read({ profileId: profile.id, from: -10, limit: 10 });
      return (page.run?.endLine ?? 0) > 100_000 ? page : undefined;
    }, 'a hundred thousand lines');
    expect(lines.length).toBe(10);
    expect(run?.bytes).toBeLessThan(60_000_000);
    expect((await h.servers.stop(profile.id)).state).toBe('stopped');
  });
});
