import { z } from 'zod';

import { contextLimit } from './context-limit';

const Quantization = z.object({
  bits: z.number().positive().max(64).optional().catch(undefined),
  group_size: z.number().positive().max(65_536).optional().catch(undefined),
});
const Count = z.number().positive();
const TextConfig = z.object({
  num_hidden_layers: Count.max(1e5).optional().catch(undefined),
  num_key_value_heads: Count.max(1e5).optional().catch(undefined),
  num_attention_heads: Count.max(1e5).optional().catch(undefined),
});
const Config = TextConfig.extend({
  model_type: z.string().max(100).optional().catch(undefined),
  architectures: z
    .union([z.array(z.string().max(200)), z.string().max(200)])
    .optional()
    .catch(undefined),
  quantization: Quantization.optional().catch(undefined),
  quantization_config: Quantization.optional().catch(undefined),
  auto_map: z.unknown().optional(),
  model_file: z.unknown().optional(),
});
const Part = z.record(z.string(), z.unknown());

/** What a config.json says that a person wants to know; strangers write it. */
export interface ConfigFacts {
  readonly architecture?: string;
  readonly bits?: number;
  readonly groupSize?: number;
  readonly contextLength?: number;
  readonly layers?: number;
  readonly kvHeads?: number;
  /** It names code of the model's own. */
  readonly needsCode?: boolean;
}

/** The parts of a config that a model of several kinds keeps its other parts in. */
const THINKERS = ['thinker_config', 'language_model_config'] as const;
/** Where the part for text is, in a config of a model of several kinds. */
const TEXT_PARTS = ['text_config', 'language_config', 'llm_config'] as const;

function partOf(config: Readonly<Record<string, unknown>>, names: readonly string[]) {
  return names.map((name) => Part.safeParse(config[name]).data).find((part) => part !== undefined);
}

/**
 * A config from its outermost part to its part for text, each within the one before: an omni model has
 * `thinker_config` and in it `text_config`. Empty for what is no config.
 */
export function configParts(config: unknown): Readonly<Record<string, unknown>>[] {
  const whole = Part.safeParse(config).data;
  if (!whole) return [];
  const thinker = partOf(whole, THINKERS);
  const text = partOf(thinker ?? whole, TEXT_PARTS);
  return [whole, thinker, text].filter((part) => part !== undefined);
}

/** A config with what its part for text says in place of what the whole says. */
export function textConfig(config: unknown): Readonly<Record<string, unknown>> | undefined {
  const parts = configParts(config);
  return parts.length === 0 ? undefined : Object.assign({}, ...parts);
}

/** Reads what a person wants to know of a config; what is not of the expected kind is not known. */
export function configFacts(config: unknown): ConfigFacts {
  const whole = Config.safeParse(config);
  if (!whole.success) return {};
  const { data } = whole;
  const textPart = textConfig(config);
  const text = TextConfig.safeParse(textPart).data ?? {};
  const quantization = data.quantization ?? data.quantization_config;
  const needsCode = isNamed(data.auto_map) || isNamed(data.model_file);
  return defined({
    architecture: data.model_type ?? [data.architectures ?? []].flat()[0],
    bits: quantization?.bits,
    groupSize: quantization?.group_size,
    contextLength: contextLimit(textPart),
    layers: text.num_hidden_layers,
    kvHeads: text.num_key_value_heads ?? text.num_attention_heads,
    needsCode: needsCode || undefined,
  });
}

/** A field that is null or empty says nothing. */
export function isNamed(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/** Without what is not known. */
export function defined<T extends object>(value: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as {
    [K in keyof T]?: NonNullable<T[K]>;
  };
}
