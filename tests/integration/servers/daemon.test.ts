import { afterEach, describe, expect, test } from 'vitest';

import type { EngineAdapter } from '@core/engines/adapters/adapter';
import { OwnershipRecords } from '@core/servers/launch/ownership';
import { createFakeAdapter } from '@fixtures/fake-adapter';
import { processViews } from '@fixtures/process-views';
import { findListeners, readProcess } from '@fixtures/see-processes';
import {
  createServerHarness,
  quitDeadline,
  type ServerHarness,
  silentLogger,
} from '@fixtures/server-harness';

const { views, missing } = await processViews();

let h: ServerHarness | undefined;
afterEach(async () => {
  await h?.close();
  h = undefined;
});

/**
 * Runs the engine as daemon(3) would: started twice removed, in a session of its own, with its parent gone. What was
 * spawned then waits, or ends.
 */
function asDaemon(then: 'waits' | 'ends'): EngineAdapter['command'] {
  const { command } = createFakeAdapter();
  return (input) => {
    const { file, args } = command(input);
    const leave = `require('node:child_process').spawn(process.argv[1], process.argv.slice(2), { detached: true, stdio: 'inherit' }).unref()`;
    const last = then === 'waits' ? 'setInterval(() => undefined, 1e9)' : '';
    const script = `require('node:child_process').spawnSync(process.execPath, ['-e', ${JSON.stringify(leave)}, ...process.argv.slice(1)], { stdio: 'inherit' }); ${last}`;
    return { file: process.execPath, args: ['-e', script, file, ...args] };
  };
}

async function lives(pid: number): Promise<boolean> {
  const info = await readProcess(pid);
  return info !== undefined && info.state !== 'Z';
}

for (const name of missing) test.skip(`seen by ${name}`, () => undefined);

describe.each(views)('an engine that makes itself a daemon, seen by $name', ({ processes }) => {
  test('is ready as our own, no stranger, and gone after a stop', async () => {
    h = await createServerHarness({ processes, adapter: { command: asDaemon('waits') } });
    const profile = await h.add();
    await h.servers.start(profile.id);
    const ready = await h.waitFor(profile.id, ['ready', 'failed', 'backoff']);
    expect(ready).toMatchObject({ state: 'ready' });
    const [daemon = 0] = await findListeners(profile.port);
    expect((await readProcess(daemon))?.pgid).not.toBe(ready.pid);
    expect((await h.servers.stop(profile.id)).state).toBe('stopped');
    expect(await lives(daemon)).toBe(false);
    expect(await findListeners(profile.port)).toEqual([]);
  });

  test('and ends what was started leaves nothing behind, and is not started beside itself', async () => {
    h = await createServerHarness({ processes, adapter: { command: asDaemon('ends') } });
    const profile = await h.add({}, { restart: 'never' });
    await h.servers.start(profile.id);
    await h.waitFor(profile.id, ['failed']);
    expect(await findListeners(profile.port)).toEqual([]);
    expect(await processes.carrying('MLX_MANAGER_HOME', h.home.paths.home)).toEqual({
      known: true,
      value: [],
    });
  });

  test('a server whose manager was killed between spawn and record is found again', async () => {
    h = await createServerHarness({ processes });
    const profile = await h.add();
    await h.servers.start(profile.id);
    const before = await h.waitFor(profile.id, ['ready']);
    await h.servers.quit('leave-running', quitDeadline());
    const records = new OwnershipRecords(h.home.paths.run, silentLogger);
    const [record] = await records.readAll();
    if (!record) throw new Error('nothing was recorded');
    const { process: _, ...cutOff } = record;
    await records.write(cutOff);
    const second = h.again();
    await second.servers.adoptAll();
    expect((await second.waitFor(profile.id, ['ready'])).pid).toBe(before.pid);
    await second.servers.quit('stop', quitDeadline());
    await second.logs.close();
    expect(await lives(before.pid ?? 0)).toBe(false);
  });
});
