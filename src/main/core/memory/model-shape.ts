import { z } from 'zod';

/** What one layer keeps of the tokens that it has seen. */
export type LayerCache =
  /** Keys and values of every token: so many values for each. */
  | { readonly kind: 'full'; readonly valuesPerToken: number; readonly quantises: boolean }
  /** The same, of the newest tokens alone. */
  | { readonly kind: 'window'; readonly valuesPerToken: number; readonly window: number }
  /** The same, in chunks that are dropped from the front. */
  | { readonly kind: 'chunks'; readonly valuesPerToken: number; readonly chunk: number }
  /** A state of one size, however many tokens. */
  | { readonly kind: 'state'; readonly bytes: number };

/** What a model's memory depends on, as its config.json tells. */
export interface ModelShape {
  readonly layers: readonly LayerCache[];
  /** Bytes of one value of the cache: the number type that the model runs in. */
  readonly valueBytes: 2 | 4;
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly vocabularySize: number;
  readonly contextLength: number | undefined;
  /** What could not be known, as sentences. */
  readonly unknown: readonly string[];
}

const count = z.number().int().positive().max(1e7).optional().catch(undefined);
const Text = z.object({
  model_type: z.string().max(100).optional().catch(undefined),
  num_hidden_layers: z.number().int().positive().max(10_000).optional().catch(undefined),
  hidden_size: count,
  intermediate_size: count,
  vocab_size: count,
  num_attention_heads: count,
  num_key_value_heads: count,
  head_dim: count,
  max_position_embeddings: z.number().positive().max(1e9).optional().catch(undefined),
  sliding_window: count,
  sliding_window_pattern: count,
  layer_types: z.array(z.string().max(50)).max(10_000).optional().catch(undefined),
  kv_lora_rank: count,
  qk_rope_head_dim: count,
  full_attention_interval: count,
  linear_num_value_heads: count,
  linear_num_key_heads: count,
  linear_key_head_dim: count,
  linear_value_head_dim: count,
  linear_conv_kernel_dim: count,
  num_kv_shared_layers: z.number().int().nonnegative().max(10_000).optional().catch(undefined),
  torch_dtype: z.string().optional().catch(undefined),
  dtype: z.string().optional().catch(undefined),
});
type TextConfig = z.infer<typeof Text>;

/**
 * Reads a config.json; undefined where it does not say enough. Never throws: strangers write it. In a
 * model of several kinds the part for text counts (engines.md 5.2).
 */
export function readModelShape(config: unknown): ModelShape | undefined {
  const parts = z.record(z.string(), z.unknown()).safeParse(config);
  if (!parts.success) return undefined;
  const { text_config, language_config, llm_config, ...top } = parts.data;
  const inner = text_config ?? language_config ?? llm_config;
  const parsed = Text.safeParse({ ...top, ...(typeof inner === 'object' ? inner : {}) });
  if (!parsed.success) return undefined;
  const text = parsed.data;
  const { num_hidden_layers: layers, hidden_size: hidden } = text;
  if (layers === undefined || hidden === undefined) return undefined;
  const dtype = text.torch_dtype ?? text.dtype;
  return {
    layers: layersOf(text, layers, hidden),
    valueBytes: dtype === 'float32' ? 4 : 2,
    hiddenSize: hidden,
    intermediateSize: text.intermediate_size ?? hidden * 4,
    vocabularySize: text.vocab_size ?? 0,
    contextLength: text.max_position_embeddings,
    unknown: [],
  };
}

function layersOf(text: TextConfig, count: number, hidden: number): LayerCache[] {
  const heads = text.num_attention_heads ?? 1;
  const perHead = text.head_dim ?? Math.floor(hidden / heads);
  const values = 2 * (text.num_key_value_heads ?? heads) * perHead;
  const full: LayerCache = { kind: 'full', valuesPerToken: values, quantises: true };
  if (text.kv_lora_rank !== undefined) {
    const latent = text.kv_lora_rank + (text.qk_rope_head_dim ?? 64);
    return Array<LayerCache>(count).fill({ ...full, valuesPerToken: latent });
  }
  const own = count - (text.num_kv_shared_layers ?? 0);
  return Array.from({ length: Math.max(0, own) }, (_, index) => {
    const type = text.layer_types?.[index];
    const interval = text.full_attention_interval;
    const isLinear =
      type === 'linear_attention' ||
      (type === undefined && interval !== undefined && (index + 1) % interval !== 0);
    if (isLinear) return stateOf(text);
    const pattern = text.sliding_window_pattern;
    const isWindow =
      type === 'sliding_attention' ||
      (type === undefined && pattern !== undefined && (index + 1) % pattern !== 0);
    const window = text.sliding_window;
    return isWindow && window !== undefined
      ? { kind: 'window', valuesPerToken: values, window }
      : full;
  });
}

/** The state of a gated delta network: in 32 bits, and the tail of its convolution in 16. */
function stateOf(text: TextConfig): LayerCache {
  const keyHeads = text.linear_num_key_heads ?? 16;
  const valueHeads = text.linear_num_value_heads ?? 32;
  const keySize = text.linear_key_head_dim ?? 128;
  const valueSize = text.linear_value_head_dim ?? 128;
  const kernel = text.linear_conv_kernel_dim ?? 4;
  const state = valueHeads * keySize * valueSize * 4;
  const tail = (kernel - 1) * (2 * keyHeads * keySize + valueHeads * valueSize) * 2;
  return { kind: 'state', bytes: state + tail };
}
