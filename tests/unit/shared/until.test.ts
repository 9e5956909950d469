import { aDownload, aJob, aServer, snapshotOf } from '@fixtures/live-data';
import { followDownload, followJob, followVerify, waitUntilServing } from '@headless/waiting';
import type { Snapshot } from '@shared/contract';
import type { VerifyJob } from '@shared/domain/model';
import { until } from '@shared/live/until';
import { type Client, createClient } from '@shared/rpc/client';
import { type EventFrame, RESYNC_TOPIC } from '@shared/rpc/frames';
import { describe, expect, it } from 'vitest';

/**
 * The far end of a connection that is as slow with its answers as one can be: what is asked is answered by what was
 * true then, when the test says so; events come at once.
 */
function slowManager(first: Partial<Snapshot>) {
  let now: Snapshot = snapshotOf({ seq: 5, ...first });
  const listeners = new Set<(frame: EventFrame) => void>();
  const answers: (() => void)[] = [];
  const resultOf = (method: string): unknown => {
    const { servers, engineJobs, modelJobs, downloads } = now;
    const results: Readonly<Record<string, unknown>> = {
      'app.snapshot': now,
      'servers.list': servers,
      'downloads.list': downloads,
      'models.jobs': modelJobs,
      'servers.start': servers[0],
      'engines.install': engineJobs[0],
      'downloads.start': downloads[0],
      'models.verify': modelJobs[0],
    };
    return results[method];
  };
  const client: Client = createClient({
    send({ id, method }) {
      const result = resultOf(method);
      return new Promise((resolve) => answers.push(() => resolve({ id, ok: true, result })));
    },
    onEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  });
  return {
    client,
    get listening() {
      return listeners.size;
    },
    /** Something happens: it is true from now on, and is told at once. */
    happen(change: Partial<Snapshot>, topic: string, payload: unknown) {
      now = { ...now, ...change, seq: now.seq + 1 };
      for (const listener of listeners) listener({ seq: now.seq, topic, payload });
    },
    /** Something happens that this view is too slow to be told of. */
    lose(change: Partial<Snapshot>) {
      now = { ...now, ...change, seq: now.seq + 1 };
      for (const listener of listeners) {
        listener({ seq: now.seq, topic: RESYNC_TOPIC, payload: null });
      }
    },
    /** Sends what was asked for so far, oldest first. */
    async answer() {
      for (const answer of answers.splice(0)) answer();
      await new Promise(setImmediate);
    },
  };
}

const starting = aServer('A', { state: 'starting' });
const failed = aServer('A', {
  state: 'failed',
  failure: { code: 'exited', message: 'It broke.', evidence: [] },
});
const verifying: VerifyJob = {
  ref: 'org/a',
  name: 'a',
  state: 'running',
  bytes: 0,
  total: 1,
  files: { done: 0, total: 1 },
  bad: [],
  by: 'hashes',
  startedAt: '2026-11-23T10:00:00.000Z',
};

const WAITS: readonly {
  readonly what: string;
  readonly before: Partial<Snapshot>;
  readonly end: readonly [Partial<Snapshot>, string, unknown];
  readonly wait: (client: Client) => Promise<unknown>;
}[] = [
  {
    what: 'a server',
    before: { servers: [starting] },
    end: [{ servers: [failed] }, 'servers.changed', failed],
    wait: (client) =>
      waitUntilServing(client, ['a'], async () => [
        await client.call('servers.start', { profileId: 'a' }),
      ]),
  },
  {
    what: 'an installation',
    before: { engineJobs: [aJob()] },
    end: [
      { engineJobs: [aJob({ state: 'cancelled' })] },
      'engineJobs.changed',
      aJob({ state: 'cancelled' }),
    ],
    wait: (client) =>
      followJob(
        client,
        () => client.call('engines.install', { engine: 'mlx-lm' }),
        () => undefined,
      ),
  },
  {
    what: 'a download',
    before: { downloads: [aDownload('A')] },
    end: [
      { downloads: [aDownload('A', { state: 'failed' })] },
      'downloads.changed',
      [aDownload('A', { state: 'failed' })],
    ],
    wait: (client) =>
      followDownload(
        client,
        () => client.call('downloads.start', { ref: 'org/a' }),
        () => undefined,
      ),
  },
  {
    what: 'a verification',
    before: { modelJobs: [verifying] },
    end: [
      { modelJobs: [{ ...verifying, state: 'cancelled' }] },
      'modelJobs.changed',
      { ...verifying, state: 'cancelled' },
    ],
    wait: (client) => followVerify(client, 'org/a', () => undefined),
  },
];

describe('waiting for the end of', () => {
  it.each(WAITS)(
    '$what: an older answer that comes after the news of it does not hide it',
    async ({ before, end, wait }) => {
      const manager = slowManager(before);
      const waiting = wait(manager.client);
      const ended = expect(waiting).rejects.toThrow();
      await manager.answer(); // it has begun, and what is true was asked for
      manager.happen(...end);
      await manager.answer(); // what was true before
      await manager.answer();
      await ended;
    },
  );

  it.each(WAITS)('$what: one of which the news was lost is seen', async ({ before, end, wait }) => {
    const manager = slowManager(before);
    const ended = expect(wait(manager.client)).rejects.toThrow();
    await manager.answer();
    await manager.answer();
    manager.lose(end[0]);
    await manager.answer();
    await ended;
  });

  it.each(WAITS)('$what: one that ended before anyone looked is seen', async (one) => {
    const manager = slowManager(one.before);
    const ended = expect(one.wait(manager.client)).rejects.toThrow();
    manager.happen(...one.end);
    await manager.answer();
    await manager.answer();
    await ended;
  });
});

describe('waiting', () => {
  it('ends with the reason of its signal, and listens no more', async () => {
    const manager = slowManager({ servers: [starting] });
    const stop = new AbortController();
    const waiting = until(manager.client, () => undefined, stop.signal);
    const ended = expect(waiting).rejects.toThrow('enough');
    await manager.answer();
    expect(manager.listening).toBe(1);
    stop.abort(new Error('enough'));
    await ended;
    expect(manager.listening).toBe(0);
  });

  it('tells of an error of the one who looks', async () => {
    const manager = slowManager({ servers: [starting] });
    const waiting = until(manager.client, () => {
      throw new Error('a surprise');
    });
    const ended = expect(waiting).rejects.toThrow('a surprise');
    await manager.answer();
    await ended;
    expect(manager.listening).toBe(0);
  });
});
