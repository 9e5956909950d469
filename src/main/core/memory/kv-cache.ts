import type { ModelShape } from './model-shape';
import type { TokenCache } from './architectures/token-cache';

export interface CacheUse {
  /** Tokens of one request, prompt and answer together. */
  readonly tokens: number;
  readonly concurrency: number;
  /** Bits of a quantised cache. */
  readonly kvBits?: number | undefined;
  readonly kvGroupSize?: number | undefined;
  /** Tokens after which a cache is quantised. */
  readonly quantisedStart?: number | undefined;
  /** Tokens of a prompt that are read at once. */
  readonly prefillStep?: number | undefined;
}

/** What mlx-lm does where nothing is said (mlx_lm/generate.py, server.py). */
export const PREFILL_STEP = 2048;
const QUANTISED_START = 5000;
const GROUP_SIZE = 64;

/** A cache grows by so many tokens at once (mlx_lm/models/cache.py, `step`). */
const GROWTH = 256;
/** A prompt in more steps than these is reckoned with longer ones. */
const MAX_STEPS = 4096;

/**
 * The most bytes that mlx-lm keeps for requests of up to so many tokens, all at once.
 *
 * A windowed cache is largest while a prompt is read (window and step together), one that is quantised
 * later just before that: both are counted, for they have to fit as well.
 */
export function kvCacheBytes(model: ModelShape, use: CacheUse): number {
  const shape = { ...model, caches: model.caches.map(atItsLargest) };
  const whole = readingBytes(shape, use);
  if (use.kvBits === undefined) return whole * use.concurrency;
  const start = use.quantisedStart ?? QUANTISED_START;
  const before = Math.min(use.tokens, start - 1);
  const unquantised =
    before > 0 ? readingBytes(shape, { ...use, tokens: before, kvBits: undefined }) : 0;
  return Math.max(whole, unquantised) * use.concurrency;
}

/** An answer passes through every length: a group that is not whole yet counts as one short of a token. */
function atItsLargest(cache: TokenCache): TokenCache {
  if (cache.kind !== 'open-group') return cache;
  return { kind: 'state', bytes: (cache.ratio - 1) * cache.bytes };
}

/**
 * The most bytes of one prompt's caches while it is read as mlx_lm/generate.py does: in steps up to the
 * last token but one, which is read alone.
 */
export function readingBytes({ caches, valueBytes }: ModelShape, use: CacheUse): number {
  const steps = promptSteps(Math.max(1, use.tokens), use.prefillStep ?? PREFILL_STEP);
  const start = use.kvBits === undefined ? Infinity : (use.quantisedStart ?? QUANTISED_START);
  const held = steps.map(() => 0);
  for (const { cache, times } of alike(caches)) {
    const quantised = quantisedBytes(cache, valueBytes, use);
    let stored = 0;
    for (const [index, step] of steps.entries()) {
      stored = storedAfter(cache, stored, step);
      const bytes = step.before + step.read >= start ? quantised : valueBytes;
      held[index] = (held[index] ?? 0) + times * bytesOf(cache, stored, bytes);
    }
  }
  return held.reduce((most, bytes) => Math.max(most, bytes), 0);
}

/** So many tokens are read at once, after so many before. */
interface Step {
  readonly before: number;
  readonly read: number;
}

function promptSteps(tokens: number, wanted: number): Step[] {
  const size = Math.max(1, wanted, Math.ceil(tokens / MAX_STEPS));
  const steps: Step[] = [];
  for (let before = 0; before < tokens - 1; before += size) {
    steps.push({ before, read: Math.min(size, tokens - 1 - before) });
  }
  return [...steps, { before: tokens - 1, read: 1 }];
}

/** Places (for tokens, or for what stands for them) that a cache has after a step, by those that it had. */
function storedAfter(cache: TokenCache, stored: number, step: Step): number {
  switch (cache.kind) {
    case 'full':
      return grown(stored, step.before, step.read);
    case 'window':
      return inWindow(Math.max(1, cache.window), stored, step);
    case 'chunks': {
      // What is beyond the chunk is cut off first (`maybe_trim_front`).
      const kept = Math.min(step.before, cache.chunk);
      return grown(step.before > cache.chunk ? kept : stored, kept, step.read);
    }
    case 'newest':
      return Math.min(step.before + step.read, cache.window);
    case 'groups':
      return Math.floor((step.before + step.read) / cache.ratio);
    case 'open-group':
      return (step.before + step.read) % cache.ratio;
    case 'state':
      return 1;
  }
}

/** `KVCache`: room for whole steps of growth is added behind what is used. */
function grown(stored: number, used: number, read: number): number {
  if (used + read <= stored) return stored;
  const kept = used % GROWTH === 0 ? stored : used;
  return kept + Math.ceil(read / GROWTH) * GROWTH;
}

/** `RotatingKVCache`: several tokens are appended to what they may look at, a single one is put in place. */
function inWindow(window: number, stored: number, { before, read }: Step): number {
  if (read > 1) return Math.min(stored, window - 1) + read;
  const needsRoom = before >= stored && stored < window;
  return Math.min(window, needsRoom ? stored + Math.min(GROWTH, window - before) : stored);
}

function bytesOf(cache: TokenCache, stored: number, bytesPerValue: number): number {
  return stored * ('bytes' in cache ? cache.bytes : cache.values * bytesPerValue);
}

/** A quantised value has its bits, and each group a scale and a bias; windows are not quantised. */
function quantisedBytes(cache: TokenCache, valueBytes: number, use: CacheUse): number {
  const quantises = cache.kind === 'full' && cache.quantises;
  if (!quantises || use.kvBits === undefined) return valueBytes;
  return use.kvBits / 8 + (2 * valueBytes) / (use.kvGroupSize ?? GROUP_SIZE);
}

/** Layers alike are reckoned once. */
function alike(caches: readonly TokenCache[]): { cache: TokenCache; times: number }[] {
  const groups = new Map<string, { cache: TokenCache; times: number }>();
  for (const cache of caches) {
    const key = Object.values(cache).join();
    const group = groups.get(key);
    if (group) group.times++;
    else groups.set(key, { cache, times: 1 });
  }
  return [...groups.values()];
}
