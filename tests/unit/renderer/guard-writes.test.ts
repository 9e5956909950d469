import { guardWrites } from '@renderer/api/guard-writes';
import type { Client } from '@shared/rpc/client';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A manager that answers when a test says so. */
function harness() {
  const sent: string[] = [];
  const seen: boolean[] = [];
  let answers = true;
  const waiting: (() => void)[] = [];
  const call = (method: string): Promise<unknown> => {
    sent.push(method);
    return new Promise((resolve) => {
      if (answers) resolve(null);
      else waiting.push(() => resolve(null));
    });
  };
  const client = guardWrites({ call } as unknown as Client, {
    limitMs: 100,
    onResponding: (responds) => seen.push(responds),
  });
  return {
    client,
    sent,
    seen,
    hang: () => {
      answers = false;
    },
    goOn: () => {
      answers = true;
      for (const answer of waiting.splice(0)) answer();
    },
  };
}

it('asks a manager whether it is there before it is told to do something, and not before a question', async () => {
  const { client, sent } = harness();
  await client.call('profiles.list');
  await client.call('servers.stopAll');
  expect(sent).toEqual(['profiles.list', 'app.info', 'servers.stopAll']);
});

it('asks once for several things at a time', async () => {
  const { client, sent } = harness();
  await Promise.all([client.call('servers.stopAll'), client.call('models.rescan')]);
  expect(sent).toEqual(['app.info', 'servers.stopAll', 'models.rescan']);
});

it('sends nothing to one that hangs, and says when it is there again', async () => {
  const { client, sent, seen, hang, goOn } = harness();
  hang();
  const stop = client.call('servers.stopAll');
  const refused = expect(stop).rejects.toMatchObject({
    code: 'timeout',
    message: "MLX Manager isn't responding, so nothing was changed.",
  });
  await vi.advanceTimersByTimeAsync(101);
  await refused;
  expect(seen).toEqual([false]);
  // And what is asked for meanwhile is refused at once.
  await expect(client.call('servers.stopAll')).rejects.toMatchObject({ code: 'timeout' });
  goOn();
  await vi.advanceTimersByTimeAsync(1);
  expect(seen).toEqual([false, true]);
  expect(sent).toEqual(['app.info']);
  await client.call('servers.stopAll');
  expect(sent).toEqual(['app.info', 'app.info', 'servers.stopAll']);
});
