import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import net from 'node:net';
import { join } from 'node:path';

import { type CoreHarness, createCoreHarness } from '@fixtures/core-harness';
import { until } from '@fixtures/until';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let harness: CoreHarness;
const listeners: net.Server[] = [];
beforeEach(async () => {
  harness = await createCoreHarness();
  await harness.registerEngine();
});
afterEach(async () => {
  await Promise.all(
    listeners.splice(0).map((server) => new Promise((resolve) => server.close(resolve))),
  );
  await harness.close();
});

/** Another program on the same port. */
async function listenBeside(options: net.ListenOptions): Promise<void> {
  const server = net.createServer().listen({ exclusive: true, ...options });
  await once(server, 'listening');
  listeners.push(server);
}

describe('another program on the port of a server', () => {
  it.each([
    ['::1', { host: '::1' }],
    ['every address of version 6 alone', { host: '::', ipv6Only: true }],
  ])(
    'at %s is no holder of 127.0.0.1, and its answers are not taken for ours',
    async (_, options) => {
      const { id: profileId, port } = await harness.createProfile();
      await listenBeside({ ...options, port });
      await harness.client.call('servers.start', { profileId });
      const ready = await harness.waitFor(profileId, ['ready', 'failed']);
      expect(ready).toMatchObject({ state: 'ready', url: `http://127.0.0.1:${port}/v1` });
      expect((await harness.client.call('servers.stop', { profileId })).state).toBe('stopped');
    },
  );

  it.each(['0.0.0.0', '::'])('at %s holds it, and is named', async (host) => {
    const { id: profileId, port } = await harness.createProfile();
    await listenBeside({ host, port });
    await harness.client.call('servers.start', { profileId });
    const failed = await harness.waitFor(profileId, ['ready', 'failed']);
    expect(failed).toMatchObject({ state: 'failed', failure: { code: 'port_in_use' } });
    expect(JSON.stringify(failed.failure)).toContain(String(process.pid));
    expect(failed.pid).toBeUndefined();
  });
});

describe('SIGKILL by the system', () => {
  const SENTENCE =
    'The engine was killed, either by the system because memory ran out or by another program.';

  it('is told as such, and the server is started again', async () => {
    const { id: profileId } = await harness.createProfile({ restart: 'on-failure' });
    await harness.client.call('servers.start', { profileId });
    const { pid: first = 0 } = await harness.waitFor(profileId, 'ready');
    process.kill(first, 'SIGKILL');
    await until(() => harness.seen.some(({ restarts }) => restarts === 1), 'the next start');
    const again = await harness.waitFor(profileId, 'ready');
    expect(again.pid).not.toBe(first);
    expect(again.incident?.failure.message).toBe(SENTENCE);
  });

  it('is the end where a profile is never restarted', async () => {
    const { id: profileId } = await harness.createProfile({ restart: 'never' });
    await harness.client.call('servers.start', { profileId });
    const { pid = 0 } = await harness.waitFor(profileId, 'ready');
    process.kill(pid, 'SIGKILL');
    const failed = await harness.waitFor(profileId, 'failed');
    expect(failed.failure?.message).toBe(SENTENCE);
    expect(JSON.stringify(failed.failure?.evidence)).toContain('SIGKILL');
  });
});

describe('a secret in the environment of a server', () => {
  const SECRET = `hf_${'aB3dE6gH9k'.repeat(3)}mNpQ`;

  it('is in no command, no log, no record and no report, also where the engine prints it', async () => {
    const { id: profileId } = await harness.createProfile(
      { restart: 'never' },
      { LONG_LINES: `${SECRET} `, DIE_AFTER_MS: 1500 },
    );
    await harness.client.call('servers.start', { profileId });
    const { pid = 0 } = await harness.waitFor(profileId, 'ready');
    if (process.platform === 'linux')
      expect(await readFile(`/proc/${pid}/cmdline`, 'utf8')).not.toContain(SECRET);
    const failed = await harness.waitFor(profileId, 'failed');
    const page = await harness.client.call('logs.read', { profileId, from: -500, limit: 500 });
    expect(page.lines.some(({ text }) => text.length > 1000)).toBe(true);
    const report = await harness.client.call('logs.failure', { profileId });
    expect(report).not.toBeNull();
    for (const told of [failed, page, report, harness.seen, harness.log])
      expect(JSON.stringify(told)).not.toContain(SECRET);
    // The profile has it, for this user alone; the engine's own bytes are what it wrote.
    const { home } = harness.home.paths;
    const names = (await readdir(home, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    const holding: string[] = [];
    for (const file of names) {
      const isOwn = /\/profiles\.json[^/]*$|\/\d+(\.\d+)?\.log$/.test(file);
      if (!isOwn && (await readFile(file, 'latin1')).includes(SECRET)) holding.push(file);
    }
    expect(holding).toEqual([]);
  });
});
