import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { type CoreHarness, createCoreHarness } from '@fixtures/core-harness';
import { modelRepo } from '@fixtures/download-harness';
import { type FakeHub, startFakeHub } from '@fixtures/fake-hub/hub';
import { until } from '@fixtures/until';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const REF = 'mlx-community/Tiny-4bit';

let hub: FakeHub;
let harness: CoreHarness;
beforeEach(async () => {
  hub = await startFakeHub({ repos: [await modelRepo(REF, { weights: 20_000_000 })] });
  hub.bytesPerSecond = 6_000_000;
  harness = await createCoreHarness({}, { HF_ENDPOINT: hub.url });
});
afterEach(async () => {
  await harness.close();
  await hub.close();
});

/** A download that has brought something. */
async function begin(): Promise<void> {
  const { client } = harness;
  await client.call('downloads.start', { ref: REF, revision: 'main' });
  await until(async () => {
    const [now] = await client.call('downloads.list');
    return (now?.bytes ?? 0) > 1_000_000;
  }, 'the first megabyte');
}

const partsOf = async (folder: string): Promise<string[]> =>
  (await readdir(folder, { recursive: true }).catch(() => [])).filter((name) =>
    name.endsWith('.incomplete'),
  );

describe('removing what the application stored', () => {
  it('unfinished downloads go with what has come of them, while servers run', async () => {
    const { client, home } = harness;
    await harness.registerEngine();
    const profile = await harness.createProfile({ name: 'Running' });
    await client.call('servers.start', { profileId: profile.id });
    await harness.waitFor(profile.id, 'ready');
    await begin();
    const cache = join(home.folder, 'hugging face', 'hub');
    expect((await partsOf(cache)).length).toBeGreaterThan(0);
    const { freedBytes } = await client.call('data.remove', { what: 'downloads' });
    expect(freedBytes).toBeGreaterThan(1_000_000);
    expect(await client.call('downloads.list')).toEqual([]);
    expect(await partsOf(cache)).toEqual([]);
    // Everything is more than downloads: a server in use keeps it.
    await expect(client.call('data.remove', { what: 'all' })).rejects.toMatchObject({
      code: 'in_use',
    });
  });

  it('everything is the token, the keys of the gateway and unfinished downloads too', async () => {
    const { client } = harness;
    await client.call('gateway.addKey', { name: 'Laptop' });
    await client.call('hub.setToken', { token: 'hf_good' });
    expect(await client.call('hub.account')).toMatchObject({ token: 'kept', user: 'mara' });
    await begin();
    await client.call('data.remove', { what: 'all' });
    expect(await client.call('downloads.list')).toEqual([]);
    expect(await client.call('hub.account')).toMatchObject({ token: 'none' });
    expect(await client.call('gateway.keys')).toEqual([]);
  });
});
