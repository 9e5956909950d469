import type { FitEstimate, FitVerdict, LimitSource } from '@shared/domain/memory';
import { GIB, MIB } from '@shared/format/bytes';

import type { TokenCache } from './architectures/token-cache';
import { kvCacheBytes, PREFILL_STEP } from './kv-cache';
import type { ModelShape } from './model-shape';

/** Tokens that a request is counted with where nothing is said. */
const USUAL_CONTEXT = 16_384;
/**
 * Python, MLX and the engine without a model. Measured on Linux with mlx-lm 0.32.2 and the built-in model of
 * 0.5 MB: 82 MB at rest, 98 MB after a prompt of 4,800 tokens. A Mac has Metal's libraries and buffers as
 * well: 0.3 to 0.5 GB in all there, a rule of thumb that was not measured here.
 */
const RUNTIME_BYTES = 400 * MIB;
/** Less than this should never be left. */
const LEAST_FREE = GIB;

export interface FitInput {
  /** Undefined where the config does not tell: then the weights and the runtime alone are counted. */
  readonly shape: ModelShape | undefined;
  readonly weightsBytes: number;
  readonly context?: number | undefined;
  readonly concurrency?: number | undefined;
  readonly kvBits?: number | undefined;
  readonly kvGroupSize?: number | undefined;
  /** Tokens after which the engine quantises a cache. */
  readonly quantisedStart?: number | undefined;
  readonly prefillStep?: number | undefined;
  /** A smaller model that guesses ahead; it reads the same tokens. */
  readonly draft?: { readonly shape: ModelShape | undefined; readonly weightsBytes: number };
  /** Bytes that the engine may keep of earlier prompts. */
  readonly promptCacheBytes?: number | undefined;
  /** The engine without a model, where it is larger than most. */
  readonly runtimeBytes?: number | undefined;
  readonly machine: {
    readonly limit: number;
    readonly limitSource: LimitSource;
    readonly inUse: number;
  };
  readonly keepFreePercent: number;
  readonly learnedPeak?: number | undefined;
}

/** The sum of what a model needs, held against what the machine has now. */
export function estimateFit(input: FitInput): FitEstimate {
  const { shape, draft, machine, kvBits, learnedPeak } = input;
  const concurrency = input.concurrency ?? 1;
  const context = contextOf(input);
  const { kvGroupSize, quantisedStart, prefillStep } = input;
  const use = { tokens: context, concurrency, kvBits, kvGroupSize, quantisedStart, prefillStep };
  const models = draft ? [input, draft] : [input];
  const shapes = models.flatMap((model) => model.shape ?? []);
  const parts = {
    weights: sum(models.map((model) => model.weightsBytes)),
    kvCache: sum(shapes.map((each) => kvCacheBytes(each, use))),
    promptCache: input.promptCacheBytes ?? 0,
    overhead:
      (input.runtimeBytes ?? RUNTIME_BYTES) +
      (shape ? prefillBytes(shape, context, prefillStep) : 0),
  };
  const estimated = parts.weights + parts.kvCache + parts.promptCache + parts.overhead;
  const total = learnedPeak ?? estimated;
  const keepFree = keepFreeBytes(machine.limit, input.keepFreePercent);
  return {
    verdict: verdictOf(total, machine.limit - machine.inUse, keepFree),
    parts,
    total,
    limit: machine.limit,
    limitSource: machine.limitSource,
    inUse: machine.inUse,
    keepFree,
    context,
    concurrency,
    ...(kvBits === undefined ? {} : { kvBits }),
    ...(learnedPeak === undefined ? {} : { learnedPeak }),
    unknown: models.flatMap((model) => unknownOf(model.shape)),
  };
}

/** Without a shape the weights and the runtime alone are counted. */
function unknownOf(shape: ModelShape | undefined): readonly string[] {
  return shape ? shape.unknown : ["Context memory can't be estimated from this model's config."];
}

function sum(bytes: readonly number[]): number {
  return bytes.reduce((total, each) => total + each, 0);
}

export function verdictOf(total: number, free: number, keepFree: number): FitVerdict {
  if (total > free) return 'no';
  return free - total < keepFree ? 'tight' : 'fits';
}

/** Percent of the limit, and never less than 1 GiB. */
export function keepFreeBytes(limit: number, percent: number): number {
  return Math.max(LEAST_FREE, Math.round((limit * percent) / 100));
}

/** Tokens of one request: what is asked about, or what is usual and the model can. */
export function contextOf({ context, shape }: Pick<FitInput, 'context' | 'shape'>): number {
  const longest = shape?.contextLength ?? Number.POSITIVE_INFINITY;
  return context ?? Math.min(USUAL_CONTEXT, longest);
}

/** Sizes of heads whose scores Metal never holds as a whole (mlx 0.32, scaled_dot_product_attention.cpp). */
const FUSED_HEADS: ReadonlySet<number> = new Set([64, 72, 80, 96, 128]);

/**
 * What is alive at once while one step of a prompt is read, besides what the cache keeps. Measured on a
 * processor with llama models of mlx-lm 0.32.2: about 14 values of the width and 2 of the feed-forward width
 * for each token, however many layers; and, where attention is not fused, the scores of all heads for all
 * tokens. At the end the logits of one token in 32 bits.
 */
export function prefillBytes(shape: ModelShape, context: number, step = PREFILL_STEP): number {
  const tokens = Math.min(step, context);
  const alive = tokens * (14 * shape.hiddenSize + 2 * shape.intermediateSize);
  const isFused = FUSED_HEADS.has(shape.headSize);
  const scores = isFused
    ? 0
    : shape.heads * tokens * Math.min(context, seenAtOnce(shape, tokens, context));
  return (alive + scores) * shape.valueBytes + shape.vocabularySize * 4;
}

/** The most tokens, or entries that stand for several, that one layer looks at. */
function seenAtOnce({ caches }: ModelShape, step: number, context: number): number {
  return caches.reduce((most, cache) => Math.max(most, seenBy(cache, step, context)), 0);
}

function seenBy(cache: TokenCache, step: number, context: number): number {
  switch (cache.kind) {
    case 'full':
      return context;
    case 'window':
    case 'newest':
      return step + cache.window;
    case 'chunks':
      return step + cache.chunk;
    case 'groups':
      return Math.ceil(context / cache.ratio);
    case 'open-group':
    case 'state':
      return 0;
  }
}
