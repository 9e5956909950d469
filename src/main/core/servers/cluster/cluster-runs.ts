import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  type Cluster,
  type HostCheck,
  machinesOf,
  type Rank,
  ranksOf,
} from '@shared/domain/cluster';
import type { ClusterProgram } from '../launch/plan';
import type { RunPlan } from '../launch/plan';
import { type Launch, ownEnv } from '../launch/launch';
import { type ClusterLaunch, clusterLaunch, startingPortOf } from './cluster-launch';
import { checkHosts } from './host-check';
import { type HostShell, openHostShell } from './host-shell';
import { endRanks, type HostEnd, measureRanks } from './remote-ranks';

/** What a command for several ranks is made of. */
type ClusterPlan = Pick<RunPlan, 'adapter' | 'bin' | 'profile'>;

/** What a server over several machines needs beyond one on this machine alone. */
export class ClusterRuns {
  readonly #shell: HostShell;
  readonly #folder: string;

  /** `folder`: where hostfiles are written; `env`: that of ssh, with its agent's socket. */
  constructor(options: {
    readonly folder: string;
    readonly env: Readonly<Record<string, string | undefined>>;
  }) {
    this.#folder = options.folder;
    this.#shell = openHostShell({ env: options.env });
  }

  /** Looks at every machine; changes nothing anywhere. */
  check(program: ClusterProgram, signal?: AbortSignal): Promise<HostCheck[]> {
    const { cluster, bin, executable, distribution, modelPath } = program;
    const input = {
      cluster,
      program: path.join(bin, executable),
      python: path.join(bin, 'python'),
      packages: [distribution, 'mlx'],
      modelPath,
    };
    return checkHosts(input, { shell: this.#shell, signal });
  }

  /** The command that starts every rank; the launcher's list of machines is written first. */
  async prepare(plan: ClusterPlan, launch: Launch, nonce: string): Promise<Launch> {
    const prepared = this.#command(plan, launch, nonce);
    const { hostfile } = prepared;
    if (hostfile) await writeFile(hostfile.path, hostfile.content, { mode: 0o600 });
    return prepared.launch;
  }

  /** The same command for people; the mark of a start is made with it. */
  preview(plan: ClusterPlan, launch: Launch): Launch {
    return this.#command(plan, launch, 'new-at-each-start').launch;
  }

  #command({ profile, adapter, bin }: ClusterPlan, launch: Launch, nonce: string): ClusterLaunch {
    if (!profile.cluster) return { launch };
    return clusterLaunch({
      ...{ launch, cluster: profile.cluster, bin, nonce },
      env: ownEnv({ adapter, profile }),
      hostfile: path.join(this.#folder, `${profile.id}.hosts.json`),
      startingPort: startingPortOf(profile.port),
    });
  }

  /** What each rank of a running server uses, asked on its machine. */
  measure(cluster: Cluster, nonce: string): Promise<Rank[]> {
    return measureRanks(ranksOf(cluster), nonce, { shell: this.#shell });
  }

  /** Ends every rank on every machine, by what each carries, and proves it. */
  end(cluster: Cluster, nonce: string, graceMs: number): Promise<HostEnd[]> {
    return endRanks(machinesOf(cluster), nonce, graceMs, { shell: this.#shell });
  }
}

/** What could not be ended or proven, in one sentence; undefined when nothing is left anywhere. */
export function leftOnMachines(ends: readonly HostEnd[]): string | undefined {
  const left = ends.filter(({ gone }) => !gone);
  return left.length === 0 ? undefined : left.map(({ text }) => text).join(' ');
}
