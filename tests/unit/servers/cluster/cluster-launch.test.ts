import {
  clusterLaunch,
  dataPorts,
  hostfileContent,
  startingPortOf,
} from '@core/servers/cluster/cluster-launch';
import type { Launch } from '@core/servers/launch/launch';
import { Cluster } from '@shared/domain/cluster';
import { describe, expect, test } from 'vitest';

const NONCE = '0f8fad5b-d9cb-469f-a165-70867728950e';
const launch: Launch = {
  file: '/e/bin/mlx_lm.server',
  args: ['--model', '/m', '--host', '127.0.0.1', '--port', '10246'],
  env: { PATH: '/bin', SECRET: 'only here' },
  cwd: '/run',
};
const several = Cluster.parse({
  hosts: [
    { name: 'This Mac', ssh: null, addresses: ['10.0.5.1'] },
    { name: 'Studio', ssh: 'mara@studio.local', addresses: ['10.0.5.2'] },
  ],
});
const wrap = (cluster: Cluster, changes: Partial<Launch> = {}) =>
  clusterLaunch({
    launch: { ...launch, ...changes },
    cluster,
    bin: '/e/bin',
    env: { HF_HUB_OFFLINE: '1' },
    nonce: NONCE,
    hostfile: '/run/a b/hosts.json',
    startingPort: 21_000,
  });

describe('the command', () => {
  test('for several machines: hostfile, variables for every rank, then the program', () => {
    const { launch: made, hostfile } = wrap(several);
    expect([made.file, ...made.args]).toEqual([
      '/e/bin/mlx.launch',
      ...['--backend', 'ring', '--hostfile', '/run/a b/hosts.json', '--starting-port', '21000'],
      ...['--env', 'HF_HUB_OFFLINE=1', '--env', `MLX_MANAGER_SERVER=${NONCE}`],
      ...['--', '/e/bin/mlx_lm.server', ...launch.args],
    ]);
    expect(hostfile?.path).toBe('/run/a b/hosts.json');
    expect(JSON.parse(hostfile?.content ?? '')).toEqual([
      { ssh: '127.0.0.1', ips: ['10.0.5.1'] },
      { ssh: 'mara@studio.local', ips: ['10.0.5.2'] },
    ]);
  });

  test('the inherited environment stays on this machine', () => {
    const { launch: made } = wrap(several);
    expect(made.args.join(' ')).not.toContain('SECRET');
    expect(made.env).toMatchObject({ SECRET: 'only here', MLX_MANAGER_SERVER: NONCE });
    expect(made.env.SSH_ASKPASS_REQUIRE).toBe('never');
    expect(made.cwd).toBe('/run');
  });

  test('a temporary folder with a space would stop every rank', () => {
    const folderOf = (TMPDIR: string) => wrap(several, { env: { TMPDIR } }).launch.env.TMPDIR;
    expect(folderOf('/var/folders/zz/x_1/T/')).toBe('/var/folders/zz/x_1/T/');
    expect(folderOf('/a b')).toBe('/tmp');
    expect(wrap(several).launch.env.TMPDIR).toBe('/tmp');
  });

  test('for one machine: so many ranks and no hostfile', () => {
    const { launch: made, hostfile } = wrap(Cluster.parse({ ranks: 3 }));
    expect(made.args.slice(0, 6)).toEqual([
      ...['--backend', 'ring', '-n', '3', '--starting-port', '21000'],
    ]);
    expect(hostfile).toBeUndefined();
  });

  test('pipeline is an option of the program, given once', () => {
    const cluster = { ...several, sharding: 'pipeline' as const };
    expect(wrap(cluster).launch.args.at(-1)).toBe('--pipeline');
    const { args } = wrap(cluster, { args: ['--pipeline', '--model', '/m'] }).launch;
    expect(args.filter((word) => word === '--pipeline')).toHaveLength(1);
  });

  test('mpi chooses its own ports', () => {
    expect(wrap({ ...several, backend: 'mpi' }).launch.args).not.toContain('--starting-port');
  });

  test('jaccl has its devices in the hostfile', () => {
    const [first, second] = several.hosts;
    if (!first || !second) throw new Error('two hosts');
    const hosts = [
      { ...first, rdma: [null, 'rdma_en5'] },
      { ...second, rdma: ['rdma_en5', null] },
    ];
    const content = JSON.parse(hostfileContent({ ...several, hosts, backend: 'jaccl' }));
    expect(content[0]).toEqual({ ssh: '127.0.0.1', ips: ['10.0.5.1'], rdma: [null, 'rdma_en5'] });
  });
});

describe('ports for data', () => {
  test('ring counts up through the addresses of all machines', () => {
    expect(dataPorts(several, 21_000)).toEqual([
      { name: 'This Mac', address: '10.0.5.1', port: 21_000 },
      { name: 'Studio', address: '10.0.5.2', port: 21_001 },
    ]);
    expect(dataPorts(Cluster.parse({ ranks: 2 }), 5).map(({ port }) => port)).toEqual([5, 6]);
    expect(dataPorts({ ...several, backend: 'mpi' }, 21_000)).toEqual([]);
  });

  test("neighbouring profiles do not meet, and none reaches the system's own ranges", () => {
    const starts = Array.from({ length: 200 }, (_, index) => startingPortOf(10_240 + index));
    expect(new Set(starts).size).toBe(200);
    for (const port of [1024, 10_240, 65_535]) {
      expect(startingPortOf(port)).toBeGreaterThanOrEqual(16_384);
      expect(startingPortOf(port) + 64).toBeLessThan(32_768);
    }
  });
});
