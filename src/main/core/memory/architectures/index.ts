import type { Caches } from './architecture';
import { ATTENTION } from './attention';
import { LATENT } from './latent';
import { LINEAR_ATTENTION } from './linear-attention';
import { OWN_FIELDS } from './own-fields';
import { SPARSE } from './sparse';
import { STATE_SPACE } from './state-space';

const ALL = {
  ...ATTENTION,
  ...OWN_FIELDS,
  ...LATENT,
  ...SPARSE,
  ...LINEAR_ATTENTION,
  ...STATE_SPACE,
};
/** Packages spell the same type in several ways: `lfm2-vl` and `lfm2_vl`, `Klear` and `klear`. */
const spelling = (type: string): string => type.toLowerCase().replaceAll('-', '_');
const KNOWN: ReadonlyMap<string, Caches> = new Map(
  Object.entries(ALL).map(([type, caches]) => [spelling(type), caches]),
);

/** How an engine keeps tokens for models of this `model_type`; undefined: not known here. */
export function cachesOf(modelType: string): Caches | undefined {
  return KNOWN.get(spelling(modelType));
}
