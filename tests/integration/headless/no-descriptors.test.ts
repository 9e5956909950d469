import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';

import { connectSocket } from '@host/socket-transport';
import { type Client, createClient } from '@shared/rpc/client';
import type { Server } from '@shared/domain/server';
import { type CliHarness, createCliHarness, type Served } from '@fixtures/cli-harness';
import { FAKE_ENGINE } from '@fixtures/fake-adapter';
import { isListening } from '@fixtures/temp-home';
import { until } from '@fixtures/until';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const run = promisify(execFile);

/** Of util-linux: sets a limit of a process that runs. */
const hasPrlimit = await run('prlimit', ['--version']).then(
  () => true,
  () => false,
);

let harness: CliHarness;
let served: Served;
/** Its connection stood before: a new one could not be taken. */
let client: Client;
let disconnect: () => void = () => undefined;
let first: Readonly<Record<string, Server>>;

/** Every file, socket and pipe that the manager would open from now on is refused; what is open stays. */
const exhaust = () => run('prlimit', ['--pid', String(served.child.pid), '--nofile=1:']);
const giveBack = () => run('prlimit', ['--pid', String(served.child.pid), '--nofile=1024:']);

const servers = async (): Promise<Record<string, Server>> =>
  Object.fromEntries((await client.call('servers.list')).map((server) => [server.name, server]));

const idOf = (name: string): string => first[name]?.profileId ?? '';
const answersAt = (name: string): Promise<boolean> => isListening(first[name]?.port ?? 0);

describe.runIf(hasPrlimit)('a manager that has no file descriptor left', () => {
  beforeEach(async () => {
    harness = await createCliHarness();
    served = await harness.serve();
    await harness.json('engine', 'register', 'mlx-lm', '--command', FAKE_ENGINE);
    await harness.createProfile('A', '--hang-limit', '5');
    await harness.createProfile('B');
    await harness.createProfile('C');
    await harness.json('start', 'A', 'B', '--wait');
    const transport = await connectSocket(served.ready.socket);
    if (!transport) throw new Error('Nobody answers at the socket.');
    disconnect = () => transport.close();
    client = createClient(transport);
    first = await servers();
    await exhaust();
  });
  afterEach(async () => {
    disconnect();
    await harness.close();
  });

  it('loses no server, starts none, and goes on as before when there are some again', async () => {
    const begun = await client.call('servers.start', { profileId: idOf('C') }).catch(String);
    // Longer than a server may leave its checks unanswered: they could not be made, which is no hang.
    await until(async () => ((await servers()).A?.uptimeSeconds ?? 0) > 10, 'A to be older');
    const now = await servers();
    for (const name of ['A', 'B']) {
      expect(now[name]).toMatchObject({ state: 'ready', pid: first[name]?.pid, restarts: 0 });
    }
    expect(now.C?.pid).toBeUndefined();
    expect(['failed', 'backoff', 'stopped']).toContain(now.C?.state);
    expect(JSON.stringify([begun, now.C?.failure])).toMatch(/EMFILE|too many open files/);
    await giveBack();
    await harness.json('start', 'C', '--wait');
    const last = await servers();
    expect([last.A?.pid, last.B?.pid]).toEqual([first.A?.pid, first.B?.pid]);
    expect(last.C?.state).toBe('ready');
  });

  it('claims no stop that it cannot see, and carries it out when it can', async () => {
    const stop = client.call('servers.stop', { profileId: idOf('A') });
    await expect(stop).rejects.toThrow(/can't tell whether process \d+ is gone.*EMFILE/);
    expect(await answersAt('A')).toBe(true);
    expect((await servers()).A).toMatchObject({ state: 'stuck', pid: first.A?.pid });
    await giveBack();
    await until(async () => (await servers()).A?.state === 'stopped', 'A to be stopped');
    expect(await answersAt('A')).toBe(false);
    expect((await servers()).B).toMatchObject({ state: 'ready', pid: first.B?.pid });
    const [again] = await harness.json('start', 'A', '--wait');
    expect(again).toMatchObject({ state: 'ready' });
  });

  it('does not say that it has quit well while servers live, and the next one has them', async () => {
    const ended = once(served.child, 'exit');
    served.child.kill('SIGTERM');
    expect(await ended).toEqual([1, null]);
    expect(await answersAt('A')).toBe(true);
    disconnect();
    await harness.serve();
    await until(async () => {
      const [status] = await harness.json('status');
      const { servers: seen } = status as { servers: readonly Server[] };
      return ['A', 'B'].every((name) =>
        seen.some((one) => one.name === name && one.state === 'ready' && one.adopted === true),
      );
    }, 'both to be taken over');
    await harness.json('stop', '--all');
    expect([await answersAt('A'), await answersAt('B')]).toEqual([false, false]);
  });
});
