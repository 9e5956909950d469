import type { Caches } from './architecture';
import { ATTENTION } from './attention';
import { LATENT } from './latent';
import { LINEAR_ATTENTION } from './linear-attention';
import { STATE_SPACE } from './state-space';

const KNOWN: ReadonlyMap<string, Caches> = new Map(
  Object.entries({ ...ATTENTION, ...LATENT, ...LINEAR_ATTENTION, ...STATE_SPACE }),
);

/** How mlx-lm keeps tokens for models of this `model_type`; undefined: not known here. */
export function cachesOf(modelType: string | undefined): Caches | undefined {
  return modelType === undefined ? undefined : KNOWN.get(modelType);
}
