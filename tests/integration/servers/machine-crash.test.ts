import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readBootId } from '@core/processes/boot-id';
import { type OwnershipRecord, OwnershipRecords } from '@core/servers/launch/ownership';
import { type CoreHarness, createCoreHarness } from '@fixtures/core-harness';
import { silentLogger } from '@host/host-ports';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

describe('records of servers', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mlx-records-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const record: OwnershipRecord = {
    ...{ profileId: 'abcd1234', run: 1, installation: null, modelPath: '/m', host: '127.0.0.1' },
    ...{ port: 10_240, fingerprint: '', startedAt: '', restarts: 0, nonce: 'n' },
  };
  const inBoot = (boot: string) => new OwnershipRecords(folder, silentLogger, async () => boot);

  it.each([
    ['an earlier boot', 'a', {}, 'b', 1],
    ['the same boot', 'a', {}, 'a', 0],
    ['an earlier boot, left running on purpose', 'a', { released: true }, 'b', 0],
    ['a system that does not name its boots', '', {}, '', 0],
  ] as const)('of %s', async (_, then, change, now, crashed) => {
    await inBoot(then).write({ ...record, ...change });
    const records = inBoot(now);
    expect(await records.ofCrashedMachine(await records.readAll())).toHaveLength(crashed);
  });

  it('this system names its boots', async () => {
    expect(await readBootId()).toMatch(/^[0-9a-fA-F-]{36}$/);
    expect(await readBootId()).toBe(await readBootId());
  });
});

describe('a manager without a desktop', () => {
  it('starts what starts with it after a power cut, since nobody can be asked, and says what ran', async () => {
    let harness: CoreHarness | undefined = await createCoreHarness();
    try {
      await harness.registerEngine();
      const profile = await harness.createProfile({ name: 'Heavy', start: 'app' });
      await harness.client.call('servers.start', { profileId: profile.id });
      const { pid } = await harness.waitFor(profile.id, 'ready');
      const { run } = harness.home.paths;
      const [name = ''] = (await readdir(run)).filter((file) => file.endsWith('.server.json'));
      const record = JSON.parse(await readFile(join(run, name), 'utf8'));
      const next = harness;
      harness = undefined;
      harness = await next.restart('leave-running', async () => {
        process.kill(pid ?? 0, 'SIGKILL');
        await writeFile(join(run, name), JSON.stringify({ ...record, boot: 'an earlier one' }));
      });
      await harness.waitFor(profile.id, 'ready');
      const { notices, startup } = await harness.client.call('app.snapshot');
      expect(notices.map(({ message }) => message)).toEqual([
        expect.stringMatching(/shut down unexpectedly while Heavy was running/),
      ]);
      expect(startup?.heldBecauseOf).toBeUndefined();
    } finally {
      await harness?.close();
    }
  });
});
