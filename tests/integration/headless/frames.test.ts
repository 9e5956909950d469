import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { type CoreHarness, createCoreHarness } from '@fixtures/core-harness';
import { silentLogger } from '@host/host-ports';
import { LocalSocketServer } from '@host/local-socket';
import { connectSocket, type SocketTransport } from '@host/socket-transport';
import { type Client, createClient } from '@shared/rpc/client';
import type { EventFrame } from '@shared/rpc/frames';
import { afterEach, beforeEach, expect, it } from 'vitest';

let harness: CoreHarness;
let server: LocalSocketServer;
let transport: SocketTransport;
let client: Client;
let frames: EventFrame[];
beforeEach(async () => {
  harness = await createCoreHarness();
  await harness.registerEngine();
  await harness.createProfile({ name: 'Profile' });
  harness = await harness.restart('stop', () => multiplyProfile(harness, 99));
  const path = join(harness.home.folder, 'manager.sock');
  server = new LocalSocketServer({ path, endpoint: harness.core, logger: silentLogger });
  await server.listen();
  const connected = await connectSocket(path);
  if (connected === undefined) throw new Error('Nobody answers.');
  transport = connected;
  client = createClient(transport);
  frames = [];
  client.onFrame((frame) => {
    // Measurements come by themselves, whatever is changed.
    if (frame.topic !== 'metrics.tick') frames.push(frame);
  });
});
afterEach(async () => {
  transport.close();
  await server.close();
  await harness.close();
});

/** Makes many of the one profile, in the document of a manager that does not run. */
async function multiplyProfile({ home }: CoreHarness, count: number): Promise<void> {
  const file = join(home.paths.documents, 'profiles.json');
  const { profiles, ...rest } = JSON.parse(await readFile(file, 'utf8'));
  const [profile] = profiles;
  const many = Array.from({ length: count }, (_, index) => ({
    ...profile,
    id: `profile${String(index).padStart(5, '0')}`,
    name: `Profile ${index}`,
    port: 20_000 + index,
    order: index,
  }));
  await writeFile(file, JSON.stringify({ ...rest, profiles: many }));
}

let last = 99;

/**
 * One more profile, whose sum is worked out behind everything before it: resolves when that is told.
 * @returns its id.
 */
async function addProfile(): Promise<string> {
  last += 1;
  const input = { name: `Profile ${last}`, model: 'demo' };
  const { id } = (await client.call('profiles.createLocal', input)).profile;
  await expect
    .poll(async () => (await client.call('servers.list')).find(isOf(id))?.needsBytes)
    .toBeDefined();
  return id;
}

const isOf =
  (id: string) =>
  ({ profileId }: { profileId: string }): boolean =>
    profileId === id;

const CHANGES = [
  { name: 'Another' },
  { port: 25_001 },
  { options: { 'max-tokens': 77 } },
  // This one changes what it needs of memory too.
  { options: { 'decode-concurrency': 4 } },
];

it('one changed field of a hundred profiles is one frame of a server, and two in all', async () => {
  const profileId = await addProfile();
  await client.call('app.snapshot');
  for (const changes of CHANGES) {
    frames.length = 0;
    await client.call('profiles.updateLocal', { profileId, changes });
    const behind = await addProfile();
    const topics = frames.filter((frame) => !isAbout(frame, behind)).map(({ topic }) => topic);
    expect(topics.filter((topic) => topic === 'servers.changed').length).toBeLessThanOrEqual(1);
    expect(topics).toContain('profiles.changed');
    expect(topics.length).toBeLessThanOrEqual(2);
  }
});

/** Whether a frame is there because of this profile, which is made known as well. */
function isAbout({ topic, payload }: EventFrame, id: string): boolean {
  if (topic === 'servers.changed') return isOf(id)(payload as { profileId: string });
  return topic === 'profiles.changed' && (payload as { id: string }[]).some((one) => one.id === id);
}
