import { randomInt } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { expect, test } from 'vitest';

import { type ManagerProcess, startManager } from '@fixtures/manager-process';
import { connectSocket } from '@headless/socket-transport';
import { createClient } from '@shared/rpc/client';

const KILLS = process.env.MLX_MANAGER_LONG === '1' ? 100 : 12;

test(`${KILLS} kills of the manager while profiles are written: nothing acknowledged is lost`, async () => {
  let manager: ManagerProcess = await startManager({ offline: true });
  const acknowledged = new Set<string>();
  let number = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const writing = writeUntilDead(manager, () => `Profile ${++number}`, acknowledged);
    await new Promise((resolve) => setTimeout(resolve, randomInt(5, 120)));
    const next = manager.crash();
    await writing;
    manager = await next;
    const names = new Set(
      ((await manager.json('profile', 'list')) as { name: string }[]).map(({ name }) => name),
    );
    for (const name of acknowledged) expect(names, `after kill ${kill + 1}`).toContain(name);
  }
  expect(acknowledged.size).toBeGreaterThan(KILLS / 2);
  const left = await readdir(manager.home.paths.home);
  expect(left.filter((name) => name.includes('corrupt'))).toEqual([]);
  await manager.close();
}, 600_000);

async function writeUntilDead(
  manager: ManagerProcess,
  nextName: () => string,
  acknowledged: Set<string>,
): Promise<void> {
  const transport = await connectSocket(manager.socket);
  if (!transport) throw new Error('nobody answers at the socket');
  const client = createClient(transport);
  try {
    for (;;) {
      const name = nextName();
      await client.call('profiles.createLocal', { name, model: 'demo' });
      acknowledged.add(name);
    }
  } catch {
    // The manager is dead: what was not acknowledged may be there or not.
  } finally {
    transport.close();
  }
}
