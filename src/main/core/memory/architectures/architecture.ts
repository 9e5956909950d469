import type { ConfigFields } from './config-fields';
import type { NumberType, TokenCache } from './token-cache';

/**
 * The caches of a model as the engine makes them, by its config.
 * @throws MissingField where the config does not say enough.
 */
export type Caches = (config: ConfigFields, type: NumberType) => TokenCache[];

/** The caches by `model_type`. */
export type Architectures = Readonly<Record<string, Caches>>;

/** Values of the keys and the values of one token in usual attention. */
export function keysAndValues(config: ConfigFields): number {
  return 2 * kvHeads(config) * headSize(config);
}

/** Heads of keys and values; where it is not said, each head has its own. */
export function kvHeads(config: ConfigFields): number {
  return config.count('num_key_value_heads') || config.need('num_attention_heads');
}

export function headSize(config: ConfigFields): number {
  const said = config.count('head_dim');
  if (said) return said;
  return Math.floor(config.need('hidden_size') / config.need('num_attention_heads'));
}
