import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { processViews } from '@fixtures/process-views';
import { createServerHarness, type ServerHarness } from '@fixtures/server-harness';
import { findListeners, readTable } from '@fixtures/see-processes';
import { until } from '@fixtures/until';

/** The states whose way depends on how processes are seen; the proof that nothing is left asks this machine's own view. */
const { views, missing } = await processViews();

let h: ServerHarness;

async function start(...args: Parameters<ServerHarness['add']>) {
  const profile = await h.add(...args);
  await h.servers.start(profile.id);
  return profile;
}

const nothingLeft = async (port: number): Promise<void> => {
  expect(await findListeners(port)).toEqual([]);
};

/** Identities of all processes, without those that only wait to be collected. */
async function living(): Promise<Set<string>> {
  const table = await readTable();
  return new Set(table.filter((p) => p.state !== 'Z').map((p) => `${p.pid} ${p.startTime}`));
}

for (const name of missing) test.skip(`seen by ${name}`, () => undefined);

describe.each(views)('seen by $name', ({ processes }) => {
  beforeEach(async () => {
    h = await createServerHarness({ processes });
  });
  afterEach(async () => {
    await h.close();
  });

  describe('the straight way', () => {
    test('start, ready, test request, stop without a trace', async () => {
      const profile = await start({ LOAD_MS: 150 });
      const ready = await h.waitFor(profile.id, ['ready']);
      expect(await findListeners(profile.port)).toEqual([ready.pid]);
      expect((await h.servers.test(profile.id)).text).not.toBe('');
      const stopped = await h.servers.stop(profile.id);
      expect(stopped.state).toBe('stopped');
      expect(h.history(profile.id)).toEqual([
        'queued',
        'starting',
        'loading',
        'ready',
        'stopping',
        'stopped',
      ]);
      await nothingLeft(profile.port);
    });

    test('two starts at once are one process', async () => {
      const profile = await h.add({ LOAD_MS: 100 });
      await Promise.all([1, 2, 3].map(() => h.servers.start(profile.id)));
      const { pid } = await h.waitFor(profile.id, ['ready']);
      expect(await findListeners(profile.port)).toEqual([pid]);
      expect((await h.logs.runs(profile.id)).length).toBe(1);
    });

    test('stop during the load, and start right after a stop', async () => {
      const profile = await start({ LOAD_MS: 60_000 });
      await h.waitFor(profile.id, ['loading']);
      expect((await h.servers.stop(profile.id)).state).toBe('stopped');
      h.edit(profile.id, { env: {} });
      await h.servers.start(profile.id);
      await h.waitFor(profile.id, ['ready']);
      const stopping = h.servers.stop(profile.id);
      await h.servers.start(profile.id);
      await stopping;
      await h.waitFor(profile.id, ['ready']);
    });

    test('restart gives a new process', async () => {
      const profile = await start();
      const first = await h.waitFor(profile.id, ['ready']);
      await h.servers.restart(profile.id);
      const second = await h.waitFor(profile.id, ['ready']);
      expect(second.pid).not.toBe(first.pid);
    });

    test('a changed profile says that a restart is needed, and the running server keeps its settings', async () => {
      const profile = await start();
      const before = await h.waitFor(profile.id, ['ready']);
      h.edit(profile.id, { port: await h.home.freePort() });
      const after = h.servers.get(profile.id);
      expect(after).toMatchObject({ restartNeeded: true, port: before.port, pid: before.pid });
    });
  });

  describe('crashes after ready', () => {
    test('SIGKILL: a new process within moments, the crash visible meanwhile', async () => {
      const profile = await start();
      const first = await h.waitFor(profile.id, ['ready']);
      process.kill(first.pid ?? 0, 'SIGKILL');
      await h.waitFor(profile.id, ['backoff', 'queued', 'starting']);
      const second = await h.waitFor(profile.id, ['ready']);
      expect(second.pid).not.toBe(first.pid);
      expect(second.restarts).toBe(1);
      expect(h.history(profile.id)).toContain('backoff');
    });

    test('SIGKILL of the root ends the rest of its tree before the next start', async () => {
      const profile = await start({ CHILDREN: 2, CHILDREN_IGNORE_TERM: true, CHILDREN_STAY: true });
      const first = await h.waitFor(profile.id, ['ready']);
      const children = (await readTable()).filter((p) => p.pgid === first.pid);
      expect(children.length).toBe(3);
      process.kill(first.pid ?? 0, 'SIGKILL');
      await h.waitFor(profile.id, ['backoff', 'starting']);
      await h.waitFor(profile.id, ['ready']);
      const alive = await living();
      expect(children.filter((p) => alive.has(`${p.pid} ${p.startTime}`))).toEqual([]);
    });

    test('an abort for lack of memory is named', async () => {
      const profile = await start({ ABORT_AFTER_MS: 300 }, { restart: 'never' });
      const failed = await h.waitFor(profile.id, ['failed']);
      expect(failed.failure?.code).toBe('out_of_memory');
    });

    test('a clean exit by itself is stopped under on-failure and restarted under always', async () => {
      const calm = await start({ DIE_AFTER_MS: 400, DIE_CODE: 0 });
      await h.waitFor(calm.id, ['ready']);
      await h.waitFor(calm.id, ['stopped']);
      const always = await start({ DIE_AFTER_MS: 400, DIE_CODE: 0 }, { restart: 'always' });
      await h.waitFor(always.id, ['ready']);
      await h.waitFor(always.id, ['backoff', 'starting']);
    });

    test('restart never is failed with the cause', async () => {
      const profile = await start({ DIE_AFTER_MS: 300, DIE_CODE: 7 }, { restart: 'never' });
      await h.waitFor(profile.id, ['ready']);
      const failed = await h.waitFor(profile.id, ['failed']);
      expect(failed.failure?.code).toBe('exited');
    });
  });

  describe('hangs', () => {
    test('a stopped process is a hang', async () => {
      const profile = await start({}, { hangLimitSeconds: 5 });
      const first = await h.waitFor(profile.id, ['ready']);
      process.kill(first.pid ?? 0, 'SIGSTOP');
      const hung = await h.waitFor(profile.id, ['backoff']);
      expect(hung.failure?.code).toBe('not_answering');
      expect((await h.waitFor(profile.id, ['ready'])).pid).not.toBe(first.pid);
    });
  });

  describe('stopping', () => {
    test.each([
      ['SIGTERM is ignored', { IGNORE_TERM: true }],
      ['grandchildren ignore SIGTERM', { CHILDREN: 3, CHILDREN_IGNORE_TERM: true }],
      [
        'grandchildren in their own sessions outlive their parent',
        { CHILDREN: 2, CHILDREN_DETACHED: true, CHILDREN_IGNORE_TERM: true, CHILDREN_STAY: true },
      ],
      ['the listener is a child', { BIND_IN_CHILD: true }],
      ['a grandchild holds stdout open', { CHILDREN: 1, CHILDREN_STAY: true }],
      ['it takes its time', { TERM_MS: 600 }],
    ])('%s: nothing is left', async (_, faults) => {
      const profile = await start(faults);
      const { pid } = await h.waitFor(profile.id, ['ready']);
      const tree = (await readTable()).filter((p) => p.pgid === pid || p.ppid === pid);
      expect((await h.servers.stop(profile.id)).state).toBe('stopped');
      const alive = await living();
      expect(tree.filter((p) => alive.has(`${p.pid} ${p.startTime}`))).toEqual([]);
      await nothingLeft(profile.port);
    });

    test('an open stream gets time to end before SIGTERM', async () => {
      const profile = await start({ TOKEN_MS: 60 });
      await h.waitFor(profile.id, ['ready']);
      const prompts = async (): Promise<number> => {
        const { lines } = await h.logs.read({ profileId: profile.id, from: 0, limit: 500 });
        return lines.filter(({ text }) => text.includes('Prompt processing progress')).length;
      };
      const before = await prompts();
      const answer = h.servers.test(profile.id);
      await until(async () => (await prompts()) > before, 'the stream to begin');
      await h.servers.stop(profile.id);
      expect((await answer).text).not.toBe('');
      expect(h.history(profile.id)).toContain('draining');
    });
  });

  describe('an engine whose model is held by a child', () => {
    test('a lost child is a lost server until a token proves another one, also when a request gets lost', async () => {
      await h.close();
      h = await createServerHarness({ processes, adapter: { worker: /role=grandchild/ } });
      const profile = await start({ CHILDREN: 1, LOSE_CHAT: true });
      const { pid } = await h.waitFor(profile.id, ['ready']);
      const children = (await readTable()).filter(({ ppid }) => ppid === pid);
      expect(children).toHaveLength(1);
      for (const child of children) process.kill(child.pid, 'SIGKILL');
      await h.waitFor(profile.id, ['degraded']);
      await h.waitFor(profile.id, ['ready']);
      expect(h.history(profile.id).slice(-3)).toEqual(['ready', 'degraded', 'ready']);
      expect(await findListeners(profile.port)).toEqual([pid]);
    });
  });
});
