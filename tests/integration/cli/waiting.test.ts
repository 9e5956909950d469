import { join } from 'node:path';

import { type CliHarness, createCliHarness } from '@fixtures/cli-harness';
import { waitUntilServing } from '@headless/waiting';
import { connectSocket } from '@host/socket-transport';
import { type Client, createClient } from '@shared/rpc/client';
import { afterEach, beforeEach, expect, it } from 'vitest';

let harness: CliHarness;
let client: Client;
let disconnect: () => void;
beforeEach(async () => {
  harness = await createCliHarness();
  const { ready } = await harness.serve();
  const transport = await connectSocket(ready.socket);
  if (transport === undefined) throw new Error('Nobody answers.');
  disconnect = () => transport.close();
  client = createClient(transport);
});
afterEach(async () => {
  disconnect();
  await harness.close();
});

it('every one of many starts that fail at once is seen to fail', async () => {
  // So soon that the news of its end comes together with the answers that are older.
  const { profile } = await client.call('profiles.createLocal', {
    name: 'A',
    engine: 'custom',
    model: 'none',
    custom: { command: join(harness.home.folder, 'no such program') },
    extraArgs: ['{port}'],
    restart: 'never',
  });
  for (let start = 0; start < 300; start++) {
    const waiting = waitUntilServing(client, [profile.id], () =>
      client.call('servers.start', { profileId: profile.id }).then((one) => [one]),
    );
    await expect(waiting).rejects.toMatchObject({ code: 'engine_missing' });
  }
  const failure = await harness.failure('start', 'A', '--wait');
  expect(failure).toMatchObject({ code: 1, error: { code: 'engine_missing' } });
});
