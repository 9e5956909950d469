import { z } from 'zod';

/** A whole number of tokens; what stands for "no limit" in some configs is far above. */
const Tokens = z.number().int().positive().max(1e9);

/** The names that architectures have for it, the usual one first. */
const NAMES = [
  'max_position_embeddings',
  'model_max_length',
  'n_positions',
  'max_seq_len',
] as const;

/** YaRN's own field for it is in the same part of the config (`mlx_lm/models/rope_utils.py`, mlx-lm 0.32.2). */
const Rope = z.object({
  type: z.string().optional(),
  rope_type: z.string().optional(),
  factor: z.number().min(1).max(10_000),
  original_max_position_embeddings: Tokens,
});

/**
 * The most tokens that a model can read and write together, as its config's part for text says; undefined where it
 * does not say. Strangers write the config: what is not of the expected kind says nothing.
 *
 * YaRN stretches what the model was trained on: its makers add it to a config whose usual number stays as it was
 * (the model cards of Qwen2.5 and Qwen3 say so), so the larger of the two counts. Other kinds of rope scaling have the
 * stretched number in the usual field already.
 */
export function contextLimit(
  config: Readonly<Record<string, unknown>> | undefined,
): number | undefined {
  if (config === undefined) return undefined;
  const said = NAMES.map((name) => Tokens.safeParse(config[name]).data).find(
    (tokens) => tokens !== undefined,
  );
  const rope = Rope.safeParse(config.rope_scaling ?? config.rope_parameters).data;
  if (rope === undefined || (rope.rope_type ?? rope.type) !== 'yarn') return said;
  const stretched = Math.floor(rope.factor * rope.original_max_position_embeddings);
  return Math.max(said ?? 0, Math.min(stretched, 1e9));
}
