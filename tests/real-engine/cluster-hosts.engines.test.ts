import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { type CliHarness, createCliHarness, type Served } from '@fixtures/cli-harness';
import { type CoreHarness, createCoreHarness, jobEnd } from '@fixtures/core-harness';
import { createTwoHosts, type TwoHosts, whyNoTwoHosts } from '@fixtures/two-hosts';

/** The whole product on one of two machines: a manager, its command line, and a far rank over ssh. */
const why = whyNoTwoHosts();
let engine: CoreHarness;
let hosts: TwoHosts;
let harness: CliHarness;
let manager: Served;

async function setUp(): Promise<void> {
  engine = await createCoreHarness();
  const job = await engine.client.call('engines.install', { engine: 'mlx-lm' });
  await jobEnd(engine.client, job.id);
  const [installed] = await engine.client.call('engines.list');
  hosts = await createTwoHosts();
  const path = `${hosts.bin}:${process.env.PATH ?? ''}`;
  // The launcher cannot cope with a space in the path of its small files.
  harness = await createCliHarness({ PATH: path, TMPDIR: '/tmp' }, hosts.near);
  manager = await harness.serve('--no-demo');
  const python = join(installed?.path ?? '', 'bin', 'python');
  await harness.json('engine', 'register', 'mlx-lm', '--python', python);
  const file = join(harness.home.folder, 'machines.json');
  const machines = [
    { name: 'Desk', ssh: null, addresses: [hosts.addresses.near] },
    { name: 'Studio', ssh: 'studio', addresses: [hosts.addresses.far] },
  ];
  await writeFile(file, JSON.stringify(machines));
  await harness.json(
    'profile',
    'create',
    'Large',
    '--model',
    'demo',
    '--hosts',
    file,
    '--restart',
    'never',
  );
}

async function on(machine: readonly string[], ...words: readonly string[]): Promise<string> {
  const [file = '', ...args] = [...machine, ...words];
  return (await execa(file, args)).stdout.trim();
}

/** How many processes of a machine carry the mark of a server. */
function left(machine: readonly string[]): Promise<string> {
  const look = 'grep -laF MLX_MANAGER_SERVER= /proc/[0-9]*/environ 2>/dev/null | wc -l';
  return on(machine, 'sh', '-c', look);
}

describe.skipIf(why !== undefined)(`two machines${why === undefined ? '' : ` (${why})`}`, () => {
  beforeAll(setUp, 600_000);
  afterAll(async () => {
    // Its signal would reach only what entered the machine; the pid is that machine's own.
    const ended = once(manager.child, 'exit');
    await on(hosts.near, 'kill', String(manager.ready.pid));
    await ended;
    await harness.close();
    await hosts.close();
    await engine.close();
  });

  test('each is looked at, both answer as one, each is measured, and a stop leaves nothing on either', async () => {
    await harness.json('start', 'Large', '--wait');
    const { stdout } = await harness.run('chat', 'Large', 'hello');
    expect(stdout).toContain('I am the built-in test model');
    const [found] = await harness.json('profile', 'hosts', 'Large');
    expect(found).toMatchObject([
      { host: 'Desk', ok: true, ranks: [{ rank: 0, memoryBytes: expect.any(Number) }] },
      { host: 'Studio', ok: true, ranks: [{ rank: 1, memoryBytes: expect.any(Number) }] },
    ]);
    expect(Number(await left(hosts.far))).toBeGreaterThan(0);
    await harness.json('stop', 'Large');
    expect([await left(hosts.near), await left(hosts.far)]).toEqual(['0', '0']);
  }, 120_000);

  test('the far rank killed: the server has failed, with the machine named, and nothing is left', async () => {
    await harness.json('start', 'Large', '--wait');
    await on(hosts.far, 'pkill', '-KILL', '-f', 'mlx_lm.server');
    await expect
      .poll(async () => JSON.stringify(await harness.json('status')))
      .toMatch(/"state":"failed".*Studio/);
    expect([await left(hosts.near), await left(hosts.far)]).toEqual(['0', '0']);
  }, 120_000);

  test('the cable pulled: a start names the machine and what to do', async () => {
    hosts.link(false);
    const { code, error } = await harness.failure('start', 'Large', '--wait');
    expect([code, error]).toMatchObject([1, { code: 'not_answering', message: /Studio/ }]);
    hosts.link(true);
    await harness.json('start', 'Large', '--wait');
    await harness.json('stop', 'Large');
    expect([await left(hosts.near), await left(hosts.far)]).toEqual(['0', '0']);
  }, 120_000);
});
