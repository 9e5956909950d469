import type { Cluster, HostCheck } from '@shared/domain/cluster';
import type { EngineOption, Installation } from '@shared/domain/engine';
import type { ModelKind } from '@shared/domain/hub';
import type { Model } from '@shared/domain/model';
import type { ServerProfile } from '@shared/domain/profile';
import type { ServerFailure } from '@shared/domain/server';
import type { AdapterFields } from '../../engines/adapters';
import type { EngineAdapter } from '../../engines/adapters/adapter';
import type { PortState } from '../../ports/processes';

/** Everything a run needs, gathered and checked before anything is spawned. */
export interface RunPlan {
  readonly profile: ServerProfile;
  readonly adapter: EngineAdapter;
  /** Undefined for a custom command. */
  readonly installation: Installation | undefined;
  readonly bin: string;
  readonly known: readonly EngineOption[];
  readonly modelPath: string;
  /** What the model is for, where that is known. */
  readonly modelKind?: ModelKind | undefined;
}

/** What planning needs of the other services. */
export interface PlanSources {
  adapterFor(profile: AdapterFields): EngineAdapter;
  checkHosts(program: ClusterProgram): Promise<HostCheck[]>;
  installation(id: string): Installation | undefined;
  inUse(engine: string): Installation | undefined;
  /** The installation after a look whether its program can be loaded, or also whether its files are there. */
  lookAtInstallation(id: string, depth?: 'program' | 'files'): Promise<Installation | undefined>;
  binOf(installation: Installation): string;
  options(installationId: string): Promise<readonly EngineOption[]>;
  resolveModel(ref: string): Promise<{ readonly path: string; readonly model: Model } | undefined>;
  /** Whether a server could listen there now. */
  checkPort(host: string, port: number): Promise<PortState>;
  nextFreePort(): Promise<number>;
}

export type PlanResult =
  | { readonly ok: true; readonly plan: RunPlan }
  | { readonly ok: false; readonly failure: ServerFailure };

/** What is checked on every machine before a start. */
export interface ClusterProgram {
  readonly cluster: Cluster;
  readonly bin: string;
  readonly executable: string;
  /** The engine's package, `mlx-lm`. */
  readonly distribution: string;
  readonly modelPath: string;
}
