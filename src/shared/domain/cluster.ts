import { z } from 'zod';

/** The most machines or ranks of one server. */
export const CLUSTER_HOSTS_MAX = 32;
/** The most ranks for trying it on one machine: each loads its part of the same model. */
export const LOCAL_RANKS_MAX = 8;

/**
 * What ssh is asked to reach: `user@host`, a host or an alias of `~/.ssh/config` (where a port or a key
 * belongs). It becomes a word of a command line, so it must not look like an option. mlx.launch takes
 * 127.0.0.1 for "this machine, without ssh" (mlx/_distributed_utils/launch.py, RemoteProcess).
 */
export const SshTarget = z
  .string({ error: 'ssh must be text' })
  .max(255, 'ssh must have at most 255 characters')
  .regex(
    /^[A-Za-z0-9_](?:[A-Za-z0-9_.+%:-]*)(?:@[A-Za-z0-9_][A-Za-z0-9_.+%:-]*)?$/,
    'ssh must be user@host or the name of a host, without spaces and without a leading dash',
  )
  .refine((target) => target !== '127.0.0.1', {
    error: 'ssh must name another machine: 127.0.0.1 is this one',
  });

const NAME_RULE = 'a machine is named by 1 to 80 characters, without control characters';
const HostName = z
  .string({ error: NAME_RULE })
  .trim()
  .min(1, NAME_RULE)
  .max(80, NAME_RULE)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  .refine((name) => !/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/.test(name), {
    error: NAME_RULE,
  });

export const ClusterHost = z.strictObject({
  name: HostName,
  /** null is this machine. */
  ssh: SshTarget.nullable(),
  /** Where the ranks reach this machine for their data; the launcher writes `address:port`. */
  addresses: z.array(z.ipv4('an address for data must be an IPv4 address')).max(16),
  /**
   * For jaccl alone: the RDMA device that leads to each host in order, null for the host itself
   * (mlx/_distributed_utils/common.py, Hostfile.from_file).
   */
  rdma: z
    .array(
      z
        .string()
        .regex(
          /^[A-Za-z0-9_.-]{1,64}$/,
          'rdma must be the name of a device: 1 to 64 letters, digits, _ . or -',
        )
        .nullable(),
    )
    .max(CLUSTER_HOSTS_MAX)
    .optional(),
});
export type ClusterHost = z.infer<typeof ClusterHost>;

/** How the ranks talk: TCP (also over Thunderbolt), RDMA over Thunderbolt 5 (macOS), an installed Open MPI. */
export const ClusterBackend = z.enum(['ring', 'jaccl', 'mpi'], {
  error: 'backend must be ring, jaccl or mpi',
});
export type ClusterBackend = z.infer<typeof ClusterBackend>;

/** tensor: every rank works on every layer. pipeline: each rank holds some of the layers. */
export const ClusterSharding = z.enum(['tensor', 'pipeline'], {
  error: 'sharding must be tensor or pipeline',
});
export type ClusterSharding = z.infer<typeof ClusterSharding>;

const RANKS_RULE = `ranks must be a whole number from 2 to ${LOCAL_RANKS_MAX}`;

/**
 * One model over several ranks; a profile without it runs as one process. Either `hosts`, in the order
 * of their ranks, the first of which is this machine (rank 0 answers HTTP on the profile's own host and
 * port); or no hosts and `ranks` processes on this machine, for trying it out.
 */
export const Cluster = z
  .strictObject({
    hosts: z
      .array(ClusterHost)
      .max(CLUSTER_HOSTS_MAX, `hosts must have at most ${CLUSTER_HOSTS_MAX} machines`)
      .default([]),
    ranks: z
      .number({ error: RANKS_RULE })
      .int(RANKS_RULE)
      .min(2, RANKS_RULE)
      .max(LOCAL_RANKS_MAX, RANKS_RULE)
      .optional(),
    backend: ClusterBackend.default('ring'),
    sharding: ClusterSharding.default('tensor'),
  })
  .superRefine((cluster, context) => {
    for (const { path, message } of clusterProblems(cluster)) {
      context.addIssue({ code: 'custom', path: [...path], message });
    }
  });
export type Cluster = z.infer<typeof Cluster>;

interface ClusterProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

interface ClusterFields {
  readonly hosts: readonly ClusterHost[];
  readonly ranks?: number | undefined;
  readonly backend: ClusterBackend;
}

/** What the fields of a cluster contradict each other in. */
function clusterProblems(cluster: ClusterFields): ClusterProblem[] {
  const { hosts, ranks, backend } = cluster;
  if (hosts.length === 0) {
    const problems: ClusterProblem[] = [];
    if (ranks === undefined) {
      problems.push({ path: ['hosts'], message: 'name the machines, or ranks for this one only' });
    }
    if (backend === 'jaccl') {
      problems.push({ path: ['backend'], message: 'jaccl needs several machines' });
    }
    return problems;
  }
  const problems: ClusterProblem[] = [];
  if (ranks !== undefined) {
    problems.push({
      path: ['ranks'],
      message: 'ranks is for one machine: leave it out with hosts',
    });
  }
  if (hosts.length === 1) {
    problems.push({ path: ['hosts'], message: 'name at least one other machine' });
  }
  hosts.forEach((host, index) => {
    problems.push(
      ...hostProblems(host, index, cluster).map(({ path, message }) => ({
        path: ['hosts', index, ...path],
        message,
      })),
    );
  });
  return problems;
}

function hostProblems(host: ClusterHost, index: number, cluster: ClusterFields): ClusterProblem[] {
  const { hosts, backend } = cluster;
  const problems: ClusterProblem[] = [];
  const add = (path: string, message: string): void => {
    problems.push({ path: [path], message });
  };
  const earlier = hosts.slice(0, index);
  if (index === 0 && host.ssh !== null) {
    add('ssh', 'the first machine must be this one, without ssh: it answers the requests');
  }
  if (index > 0 && host.ssh === null) add('ssh', `${host.name} needs a way to be reached by ssh`);
  if (earlier.some(({ name }) => name === host.name)) {
    add('name', `two machines are named ${host.name}`);
  }
  if (host.ssh !== null && earlier.some(({ ssh }) => ssh === host.ssh)) {
    add('ssh', `${host.ssh} is named twice`);
  }
  if (
    host.addresses.some((address) => earlier.some((other) => other.addresses.includes(address)))
  ) {
    add('addresses', `${host.name} has the address of another machine`);
  }
  if (backend === 'ring' && host.addresses.length === 0) {
    add('addresses', `${host.name} needs an address for data`);
  } else if (backend === 'ring' && host.addresses.length !== hosts[0]?.addresses.length) {
    add('addresses', 'every machine needs the same number of addresses');
  }
  if (backend === 'jaccl') {
    if (index === 0 && host.addresses.length === 0) {
      add('addresses', 'jaccl needs an address of this machine that the others reach');
    }
    if (!isRdmaRow(host.rdma, index, hosts.length)) {
      add('rdma', `jaccl needs the device of ${host.name} for each other machine, null for itself`);
    }
  }
  return problems;
}

function isRdmaRow(rdma: ClusterHost['rdma'], own: number, count: number): boolean {
  return (
    rdma?.length === count && rdma.every((device, index) => (device === null) === (index === own))
  );
}

/** Where one rank runs. */
export interface RankPlace {
  readonly rank: number;
  /** The machine's name. */
  readonly name: string;
  /** null is this machine. */
  readonly ssh: string | null;
}

const THIS_MACHINE = 'this machine';

/** The ranks of a cluster in order. */
export function ranksOf(cluster: Cluster): RankPlace[] {
  if (cluster.hosts.length > 0) {
    return cluster.hosts.map(({ name, ssh }, rank) => ({ rank, name, ssh }));
  }
  const ranks = Array.from({ length: cluster.ranks ?? 0 }, (_, rank) => rank);
  return ranks.map((rank) => ({ rank, name: THIS_MACHINE, ssh: null }));
}

/** The machines of a cluster, each once. */
export function machinesOf(cluster: Cluster): Pick<RankPlace, 'name' | 'ssh'>[] {
  if (cluster.hosts.length === 0) return [{ name: THIS_MACHINE, ssh: null }];
  return cluster.hosts.map(({ name, ssh }) => ({ name, ssh }));
}

/** One thing that was looked at on a machine before a start. */
export const HostCheckItem = z.object({
  id: z.enum(['reachable', 'address', 'engine', 'model']),
  ok: z.boolean(),
  text: z.string(),
  /** What a person can do about it. */
  fix: z.string().optional(),
});
export type HostCheckItem = z.infer<typeof HostCheckItem>;

/** What was found on one machine; what could not be looked at has no item. */
export const HostCheck = z.object({
  host: z.string(),
  ok: z.boolean(),
  checks: z.array(HostCheckItem),
});
export type HostCheck = z.infer<typeof HostCheck>;

/** One rank of a running server. */
export const Rank = z.object({
  rank: z.number().int(),
  host: z.string(),
  /** Resident memory of its processes, bytes; absent where it could not be read. */
  memoryBytes: z.number().optional(),
  /** Why nothing is known of it. */
  problem: z.string().optional(),
});
export type Rank = z.infer<typeof Rank>;
