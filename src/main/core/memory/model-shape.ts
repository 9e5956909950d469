import { z } from 'zod';

import { contextLimit } from '../verdict/context-limit';
import { configParts, textConfig } from '../verdict/model-config';
import { cachesOf } from './architectures';
import { usualAttention } from './architectures/attention';
import { type ConfigFields, configFields, MissingField } from './architectures/config-fields';
import type { TokenCache } from './architectures/token-cache';
import { countedAs, type TypeNames } from './type-names';

/** What a model's memory depends on, as its config.json tells. */
export interface ModelShape {
  readonly caches: readonly TokenCache[];
  /** Bytes of one value of the cache: the number type that the model runs in. */
  readonly valueBytes: 2 | 4;
  readonly hiddenSize: number;
  /** Heads that ask, and values of each. */
  readonly heads: number;
  readonly headSize: number;
  readonly intermediateSize: number;
  readonly vocabularySize: number;
  readonly contextLength: number | undefined;
  /** What could not be known, as sentences. */
  readonly unknown: readonly string[];
}

const WIDTHS = ['hidden_size', 'n_embd', 'd_model', 'hidden_dim', 'model_dim'] as const;

/**
 * Reads a config.json; undefined where it is none. Never throws: strangers write it. In a model of several
 * kinds the part for text counts; what sees and hears is in the weights alone.
 * @param installed the types that the engine which would run it loads as others; undefined where none is installed.
 */
export function readModelShape(config: unknown, installed?: TypeNames): ModelShape | undefined {
  const parts = configParts(config);
  if (parts.length === 0) return undefined;
  const text = textConfig(config);
  const fields = configFields(text);
  const valueBytes = numberBytes(fields);
  const { caches, unknown } = readCaches(fields, typesOf(parts, installed), valueBytes);
  const hiddenSize = fields.count(...WIDTHS);
  if (caches.length === 0 && hiddenSize === undefined) return undefined;
  return {
    caches,
    valueBytes,
    hiddenSize: hiddenSize ?? 0,
    ...readHeads(fields, hiddenSize ?? 0),
    intermediateSize: fields.count('intermediate_size', 'n_inner') ?? (hiddenSize ?? 0) * 4,
    vocabularySize: fields.count('vocab_size') ?? 0,
    contextLength: contextLimit(text),
    unknown,
  };
}

const Type = z.string().max(200);

/** The type of the whole counts before the type of its part for text: `llama4` keeps chunks, its part alone not. */
function typesOf(
  parts: readonly Readonly<Record<string, unknown>>[],
  installed: TypeNames | undefined,
): string[] {
  return parts.flatMap(({ model_type, architectures }) => {
    const type = Type.safeParse(model_type).data;
    const named = [architectures].flat().flatMap((one) => Type.safeParse(one).data ?? []);
    return type === undefined ? [] : countedAs(type, named, installed);
  });
}

/** Where the key has a part for its place besides, the head is both. */
function readHeads(fields: ConfigFields, width: number): Pick<ModelShape, 'heads' | 'headSize'> {
  const heads = fields.count('num_attention_heads', 'n_head', 'n_heads', 'num_heads') ?? 0;
  const latent = fields.count('qk_rope_head_dim');
  const said =
    latent === undefined
      ? fields.count('head_dim')
      : latent + (fields.count('qk_nope_head_dim') ?? 0);
  return { heads, headSize: said || (heads > 0 ? Math.floor(width / heads) : 0) };
}

function numberBytes(fields: ConfigFields): 2 | 4 {
  return (fields.text('torch_dtype') ?? fields.text('dtype')) === 'float32' ? 4 : 2;
}

function readCaches(
  fields: ConfigFields,
  types: readonly string[],
  bytes: 2 | 4,
): Pick<ModelShape, 'caches' | 'unknown'> {
  const known = types.map(cachesOf).find((caches) => caches !== undefined);
  try {
    const caches = (known ?? usualAttention)(fields, { bytes });
    return { caches, unknown: known ? [] : [unknownType(types)] };
  } catch (error) {
    if (!(error instanceof MissingField)) throw error;
    return {
      caches: [],
      unknown: [`Its config doesn't say "${error.field}", so context memory is not counted.`],
    };
  }
}

function unknownType(types: readonly string[]): string {
  const name = types.at(-1);
  const which =
    name === undefined ? 'Its config names no architecture.' : `Unknown architecture "${name}".`;
  return `${which} Context memory is estimated as for standard attention.`;
}
