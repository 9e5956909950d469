import type { HubModel, ModelKind } from '@shared/domain/hub';
import { z } from 'zod';

import type { ListedModel } from './hub-client';
import { storedBytes } from './stored-values';

const Quantization = z.object({
  bits: z.number().positive().max(64).optional().catch(undefined),
  group_size: z.number().positive().max(65_536).optional().catch(undefined),
});
const TextConfig = z.object({
  max_position_embeddings: z.number().positive().max(1e9).optional().catch(undefined),
  num_hidden_layers: z.number().positive().max(1e5).optional().catch(undefined),
  num_key_value_heads: z.number().positive().max(1e5).optional().catch(undefined),
  num_attention_heads: z.number().positive().max(1e5).optional().catch(undefined),
});
const Config = TextConfig.extend({
  model_type: z.string().max(100).optional().catch(undefined),
  architectures: z.array(z.string().max(200)).optional().catch(undefined),
  quantization: Quantization.optional().catch(undefined),
  quantization_config: Quantization.optional().catch(undefined),
  text_config: TextConfig.optional().catch(undefined),
  vision_config: z.unknown().optional(),
  audio_config: z.unknown().optional(),
});

/** What a config.json says that a person wants to know; strangers write it. */
export interface ConfigFacts {
  readonly architecture?: string;
  readonly bits?: number;
  readonly groupSize?: number;
  readonly contextLength?: number;
  readonly layers?: number;
  readonly kvHeads?: number;
}

export function configFacts(config: unknown): ConfigFacts {
  const parsed = Config.safeParse(config);
  if (!parsed.success) return {};
  const { data } = parsed;
  const text = { ...data, ...defined(data.text_config ?? {}) };
  const quantization = data.quantization ?? data.quantization_config;
  return defined({
    architecture: data.model_type ?? data.architectures?.[0],
    bits: quantization?.bits,
    groupSize: quantization?.group_size,
    contextLength: text.max_position_embeddings,
    layers: text.num_hidden_layers,
    kvHeads: text.num_key_value_heads ?? text.num_attention_heads,
  });
}

function defined<T extends object>(value: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as {
    [K in keyof T]?: NonNullable<T[K]>;
  };
}

const KINDS: Readonly<Record<string, ModelKind>> = {
  'text-generation': 'text',
  'image-text-to-text': 'vision',
  'any-to-any': 'vision',
  'visual-question-answering': 'vision',
  'image-to-text': 'vision',
  'feature-extraction': 'embedding',
  'sentence-similarity': 'embedding',
  'text-ranking': 'embedding',
  'automatic-speech-recognition': 'audio',
  'text-to-speech': 'audio',
  'audio-text-to-text': 'audio',
  'text-to-audio': 'audio',
};

/** The hub's names of what a model is for, by ours. */
export const PIPELINES: Readonly<Record<'text' | 'vision' | 'embedding', readonly string[]>> = {
  text: ['text-generation'],
  vision: ['image-text-to-text', 'any-to-any'],
  embedding: ['feature-extraction', 'sentence-similarity'],
};

export function kindOf({ pipeline, config }: Pick<ListedModel, 'pipeline' | 'config'>): ModelKind {
  const known = KINDS[pipeline ?? ''];
  if (known !== undefined) return known;
  const parsed = Config.safeParse(config);
  if (parsed.success && parsed.data.vision_config !== undefined) return 'vision';
  return pipeline === undefined ? 'text' : 'other';
}

/** Bits that a name tells, such as `-4bit`, where the config does not. */
export function bitsInName(name: string): number | undefined {
  const found =
    /(?:^|[-_.])(?:([2-8])-?bits?|(?:mx|nv)fp([48])|q([2-8])|(?:bf|fp)(16))(?=$|[-_.])/i.exec(name);
  const bits = found?.slice(1).find((group) => group !== undefined);
  return bits === undefined ? undefined : Number(bits);
}

/** A row of Discover out of what the hub's list says. */
export function describeListed(listed: ListedModel, onDisk: HubModel['onDisk']): HubModel {
  const [author = '', name = ''] = listed.ref.split('/');
  const facts = configFacts(listed.config);
  const sizeBytes = storedBytes(listed.stored, listed.config);
  const bits = facts.bits ?? bitsInName(name);
  return {
    ref: listed.ref,
    author,
    name,
    commit: listed.commit,
    kind: kindOf(listed),
    downloads: listed.downloads,
    likes: listed.likes,
    updatedAt: listed.updatedAt,
    gated: listed.gated,
    private: listed.private,
    ...(listed.licence === undefined ? {} : { licence: listed.licence.slice(0, 60) }),
    ...(sizeBytes === undefined ? {} : { sizeBytes }),
    ...(bits === undefined ? {} : { bits }),
    ...(facts.architecture === undefined ? {} : { architecture: facts.architecture }),
    ...(onDisk === undefined ? {} : { onDisk }),
  };
}
