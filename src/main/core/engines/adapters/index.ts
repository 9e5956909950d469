import type { CustomCommand, ServerProfile } from '@shared/domain/profile';
import { DomainError } from '@shared/errors';

import { clusterAdapter } from './cluster-adapter';
import type { EngineAdapter } from './adapter';
import { customAdapter } from './custom';
import { mlxLm } from './mlx-lm';
import { mlxOpenaiServer } from './mlx-openai-server';
import { mlxVlm } from './mlx-vlm';
import { vllmMlx } from './vllm-mlx';

/** Every engine that can be run; a new one is one file and one entry here. */
export const adapters: readonly EngineAdapter[] = [mlxLm, mlxVlm, vllmMlx, mlxOpenaiServer];

/** What the engines write to their logs for each request. */
export const requestLines = adapters.flatMap((adapter) => adapter.requestLines ?? []);

/** Engines that load models with one of these packages. */
export function enginesLoadingWith(packages: readonly string[]): string[] {
  const able = adapters.filter(({ loadsWith }) => loadsWith.some((one) => packages.includes(one)));
  return able.map(({ id }) => id);
}

/**
 * The adapter of an engine that is installed.
 * @throws DomainError not_found that lists the known ones.
 */
export function engineAdapter(engine: string): EngineAdapter {
  const adapter = adapters.find((candidate) => candidate.id === engine);
  if (adapter) return adapter;
  const known = adapters.map((candidate) => candidate.id).join(', ');
  throw new DomainError('not_found', `Unknown engine "${engine}". Engines: ${known}.`);
}

/** A custom command that was not given yet: nothing can be run with it. */
const UNSET: CustomCommand = { command: '/', readinessPath: '/health', chat: true };

/** The fields of a profile that say how it is run. */
export type AdapterFields = Pick<ServerProfile, 'engine' | 'custom' | 'cluster'>;

/** The adapter that runs a profile: its engine's, or one made of its own command; over several machines if so wished. */
export function adapterFor({ engine, custom, cluster }: AdapterFields): EngineAdapter {
  const adapter = engine === 'custom' ? customAdapter(custom ?? UNSET) : engineAdapter(engine);
  return cluster ? clusterAdapter(adapter, cluster) : adapter;
}
