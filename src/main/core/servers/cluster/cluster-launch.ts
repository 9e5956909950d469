import path from 'node:path';
import type { Cluster } from '@shared/domain/cluster';
import type { Launch } from '../launch/launch';
import { NONCE_VARIABLE } from '../launch/ownership';

export interface ClusterLaunchInput {
  /** The command for one machine; the same program must be at the same path on every host. */
  readonly launch: Launch;
  readonly cluster: Cluster;
  /** Executables of the environment (`<venv>/bin`): mlx comes with its launcher. */
  readonly bin: string;
  /** Variables for every rank. They are words of command lines, so other users of a host can read them. */
  readonly env: Readonly<Record<string, string>>;
  /** In the environment of every rank, so that each can be found again. */
  readonly nonce: string;
  /** Where the hostfile is written, with {@link ClusterLaunch.hostfile}, before the start. */
  readonly hostfile: string;
  /** See {@link startingPortOf}. */
  readonly startingPort: number;
}

export interface ClusterLaunch {
  readonly launch: Launch;
  /** Absent when all ranks are on this machine. */
  readonly hostfile?: { readonly path: string; readonly content: string };
}

/** The launcher's ssh has nobody to ask: a window for a password would wait for ever (ssh(1)). */
const LAUNCHER_ENV = { SSH_ASKPASS_REQUIRE: 'never' } as const;

/**
 * The launcher's script names a file of mktemp(1) without quotes (`echo $$ > $pidfile`): with a space in
 * the path no rank starts.
 */
function temporaryFolder(folder: string | undefined): string {
  return folder !== undefined && /^\/[\w./+-]*$/.test(folder) ? folder : '/tmp';
}

/** How mlx.launch names the machine it runs on; every other name is reached by ssh. */
const LOCAL = '127.0.0.1';

/**
 * The command for several ranks (mlx/_distributed_utils/launch.py of mlx 0.32.4). Ranks on this machine
 * inherit the launcher's environment, the others get what `--env` names. The `--` keeps the launcher
 * from reading the program's options.
 */
export function clusterLaunch(input: ClusterLaunchInput): ClusterLaunch {
  const { launch, cluster } = input;
  const env = { ...input.env, [NONCE_VARIABLE]: input.nonce };
  const several = cluster.hosts.length > 0;
  const pipeline = cluster.sharding === 'pipeline' && !launch.args.includes('--pipeline');
  return {
    launch: {
      file: path.join(input.bin, 'mlx.launch'),
      args: [
        ...['--backend', cluster.backend],
        ...(several ? ['--hostfile', input.hostfile] : ['-n', String(cluster.ranks ?? 1)]),
        ...(cluster.backend === 'mpi' ? [] : ['--starting-port', String(input.startingPort)]),
        ...Object.entries(env).flatMap(([name, value]) => ['--env', `${name}=${value}`]),
        '--',
        launch.file,
        ...launch.args,
        ...(pipeline ? ['--pipeline'] : []),
      ],
      env: { ...launch.env, ...env, ...LAUNCHER_ENV, TMPDIR: temporaryFolder(launch.env.TMPDIR) },
      cwd: launch.cwd,
    },
    ...(several ? { hostfile: { path: input.hostfile, content: hostfileContent(cluster) } } : {}),
  };
}

/** The launcher's list of hosts (common.py, Hostfile.from_file): a plain list, which every version reads. */
export function hostfileContent(cluster: Cluster): string {
  const hosts = cluster.hosts.map(({ ssh, addresses, rdma }) => ({
    ssh: ssh ?? LOCAL,
    ips: addresses,
    ...(rdma === undefined ? {} : { rdma }),
  }));
  return `${JSON.stringify(hosts, null, 1)}\n`;
}

/**
 * The ports that the ranks listen on for each other: ring takes one per address, counting up through all
 * hosts (launch_ring); jaccl one, on this machine; mpi chooses its own.
 */
export function dataPorts(
  cluster: Cluster,
  startingPort: number,
): { readonly name: string; readonly address: string; readonly port: number }[] {
  if (cluster.backend === 'mpi') return [];
  const own = cluster.hosts.flatMap(({ name, addresses }) =>
    addresses.map((address) => ({ name, address })),
  );
  const local = Array.from({ length: cluster.ranks ?? 0 }, () => ({
    name: 'this machine',
    address: LOCAL,
  }));
  const all = (cluster.hosts.length > 0 ? own : local).map((place, index) => ({
    ...place,
    port: startingPort + index,
  }));
  return cluster.backend === 'jaccl' ? all.slice(0, 1) : all;
}

const FIRST_DATA_PORT = 16_384;
const BLOCK = 64;
const BLOCKS = 255;

/**
 * Where a server's data ports begin. The launcher's own default (32323) is one for all, so two servers
 * would meet. Follows from the profile's port, hence the same at every start; below the ranges from
 * which Linux (32768) and macOS (49152) give ports to outgoing connections.
 */
export function startingPortOf(port: number): number {
  return FIRST_DATA_PORT + (port % BLOCKS) * BLOCK;
}
