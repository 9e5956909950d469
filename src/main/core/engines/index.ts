import { DomainError } from '@shared/errors';

import type { EngineAdapter } from './adapter';
import { mlxLm } from './mlx-lm';
import { mlxOpenaiServer } from './mlx-openai-server';
import { mlxVlm } from './mlx-vlm';
import { vllmMlx } from './vllm-mlx';

/** Every engine that can be run; a new one is one file and one entry here. */
export const adapters: readonly EngineAdapter[] = [mlxLm, mlxVlm, vllmMlx, mlxOpenaiServer];

/**
 * The adapter of an engine.
 * @throws DomainError not_found that lists the known ones.
 */
export function adapterFor(engine: string): EngineAdapter {
  const adapter = adapters.find((candidate) => candidate.id === engine);
  if (adapter) return adapter;
  const known = adapters.map((candidate) => candidate.id).join(', ');
  throw new DomainError('not_found', `The engine "${engine}" is unknown; known are: ${known}.`);
}
