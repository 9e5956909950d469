import { createHash } from 'node:crypto';

import type { ServerProfile } from '@shared/domain/profile';
import { maskSecrets } from '@shared/domain/secret';

import type { CommonOptionName } from '../engines/adapters/common-options';
import type { MemoryUse } from '../engines/adapters/memory-use';
import { contextOf, type FitInput } from './fit-estimate';
import { kvCacheBytes } from './kv-cache';
import type { ModelFacts } from './model-facts';
import type { ModelShape } from './model-shape';

/** A sum without the machine that it is held against. */
export type FitSum = Omit<FitInput, 'machine' | 'keepFreePercent' | 'learnedPeak'> & {
  readonly notes: readonly string[];
};

export interface SumInput {
  readonly use: MemoryUse;
  readonly model: Omit<ModelFacts, 'stamp'>;
  /** The second model of `use.draftModel`, where it was found. */
  readonly draft?: Omit<ModelFacts, 'stamp'> | undefined;
  /** Bytes of all memory: some engines keep a share of it. */
  readonly memoryTotal: number;
}

/** What an engine with these options keeps of a model, as the estimate counts it. Pure. */
export function sumOf({ use, model, draft, memoryTotal }: SumInput): FitSum {
  const shape = shapeOf(model);
  const context = contextOf({ context: use.context, shape });
  const concurrency = Math.max(1, use.concurrency ?? 1);
  // Up to here the cache keeps its own number type.
  const kvBits = context > (use.kvBitsFrom ?? 0) ? use.kvBits : undefined;
  const cache = {
    kvBits,
    kvGroupSize: use.kvGroupSize,
    quantisedStart: use.kvBitsFrom ?? 0,
    prefillStep: use.prefillStep,
  };
  const one = [shape, draft?.shape].reduce(
    (sum, each) =>
      sum + (each ? kvCacheBytes(each, { tokens: context, concurrency: 1, ...cache }) : 0),
    0,
  );
  return {
    shape,
    weightsBytes: model.weightsBytes,
    ...(draft ? { draft } : {}),
    context,
    concurrency,
    ...cache,
    promptCacheBytes: promptCacheBytes(use, one, memoryTotal),
    runtimeBytes: use.runtimeBytes,
    notes: [
      // A model that only embeds keeps nothing for a request.
      ...(model.embeds ? [] : (use.unknown ?? [])),
      ...(use.draftModel !== undefined && !draft
        ? ["The draft model isn't on this machine and isn't counted."]
        : []),
    ],
  };
}

/** A model that only embeds keeps nothing of what it read. */
function shapeOf({ shape, embeds }: Omit<ModelFacts, 'stamp'>): ModelShape | undefined {
  return shape && embeds ? { ...shape, caches: [] } : shape;
}

/** Never more than so many prompts of full length take. */
function promptCacheBytes({ promptCache }: MemoryUse, one: number, memoryTotal: number): number {
  if (!promptCache) return 0;
  const { bytes, share, entries } = promptCache;
  const limit = bytes ?? (share === undefined ? Number.POSITIVE_INFINITY : share * memoryTotal);
  return Math.round(Math.min(limit, entries === undefined ? limit : entries * one));
}

/**
 * What a peak that was measured with one context says of another. A figure above the estimate is above it
 * everywhere; one below it is what shorter contexts need at most.
 */
export function learnedAt(
  learned: number,
  set: { readonly context: number; readonly total: number },
  other: { readonly context: number; readonly total: number },
): number {
  if (learned < set.total && other.context <= set.context) return Math.min(learned, other.total);
  return other.total + Math.max(0, learned - set.total);
}

/** Options that take no memory: a change of them leaves what was learned. */
const FREE: readonly CommonOptionName[] = [
  ...(['temperature', 'top-p', 'top-k', 'min-p', 'max-tokens'] as const),
  ...(['chat-template-args', 'tool-call-parser', 'reasoning-parser', 'trust-remote-code'] as const),
];

/** Everything that the memory of a profile's server depends on, as one text: another one is another server. */
export function memoryDigest(
  profile: Pick<ServerProfile, 'model' | 'engine' | 'options' | 'extraArgs' | 'env'>,
  installation: string | undefined,
  stamps: readonly (string | undefined)[],
): string {
  const free = new Set<string>(FREE);
  const entries = (map: object): unknown =>
    Object.entries(map)
      .filter(([key]) => !free.has(key))
      .sort(([a], [b]) => (a < b ? -1 : 1));
  const facts = [
    ...[profile.model, profile.engine, installation ?? null, entries(profile.options)],
    // Engines read the same things from their environment; a secret is none of them.
    ...[profile.extraArgs, entries(maskSecrets(profile.env)), stamps],
  ];
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex');
}
