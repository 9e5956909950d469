import type { MemoryUse } from '../engines/adapters/memory-use';
import type { ModelShape } from '../memory/model-shape';

/** What of a profile its context length follows from; each is undefined where nobody can tell. */
export interface ContextSource {
  /** What its engine makes of its options. */
  readonly use: Pick<MemoryUse, 'context'> | undefined;
  /** What its model's config says. */
  readonly shape: Pick<ModelShape, 'contextLength'> | undefined;
}

/**
 * The one context length of a profile, in tokens of prompt and answer together: what is published in every list, and
 * what a prompt is held against. A limit that the engine was given counts, whatever the model could do, since the
 * engine keeps no more; else the model's own limit. The memory sum takes both from the same places.
 * @returns undefined where neither is known: then nothing is refused for its length.
 */
export function contextLengthOf({ use, shape }: ContextSource): number | undefined {
  // An option of zero sets no limit in any engine.
  return use?.context || shape?.contextLength;
}
