import type { ModelKind } from '@shared/domain/hub';

import type { WeightsIndex } from './weights-index';

/** Python packages that load models, in the environments of the engines (`loadsWith` of an adapter). */
export const LOADERS = [
  'mlx_lm',
  'mlx_vlm',
  'mlx_embeddings',
  'mlx_whisper',
  'mlx_audio',
  'mflux',
] as const;
export type Loader = (typeof LOADERS)[number];

/** What one package reads of a model's folder. */
export interface LoaderRules {
  /** The weights that it loads, among the names of the files that are there; names that begin with a dot never are. */
  readonly weights: (names: readonly string[], index: WeightsIndex | undefined) => string[];
  /** What its weights are called, for a sentence. */
  readonly pattern: string;
  /** Whether it fails without a tokenizer. */
  readonly tokenizer: boolean;
  /** The fields of a config by which it knows a type; empty where it needs none. */
  readonly types: readonly string[];
  /** Fields that a config must have besides, and all that it may have then; it fails on any other. */
  readonly fields?: { readonly needed: readonly string[]; readonly allowed: readonly string[] };
}

const TOP_MODEL = /^model[^/]*\.safetensors$/;
const TOP = /^[^/]+\.safetensors$/;

/** What each package does, read and tried with the versions of resources/engines. */
export const LOADER_RULES: Readonly<Record<Loader, LoaderRules>> = {
  // mlx_lm/utils.py, load_model: every model*.safetensors; an index is not read.
  mlx_lm: {
    weights: (names) => names.filter((name) => TOP_MODEL.test(name)),
    pattern: 'model*.safetensors',
    tokenizer: true,
    types: ['model_type', 'model_file'],
  },
  // mlx_vlm/utils.py, load_model: what the index names and is there, else every one but consolidated.safetensors.
  mlx_vlm: {
    weights: (names, index) => {
      const indexed = new Set(index?.files?.values() ?? []);
      const there = names.filter((name) => indexed.has(name));
      if (there.length > 0) return there;
      return names.filter((name) => TOP.test(name) && !name.endsWith('consolidated.safetensors'));
    },
    pattern: '*.safetensors',
    tokenizer: true,
    types: ['model_type', 'speculators_model_type', 'model_file'],
  },
  // mlx_embeddings/utils.py, load_model: model*.safetensors at any depth, else weight*.safetensors.
  mlx_embeddings: {
    weights: (names) => {
      const all = names.filter((name) => /(?:^|\/)model[^/]*\.safetensors$/.test(name));
      return all.length > 0 ? all : names.filter((name) => /^weight[^/]*\.safetensors$/.test(name));
    },
    pattern: 'model*.safetensors',
    tokenizer: true,
    types: ['model_type'],
  },
  // mlx_whisper/load_models.py: one file of these two names, and the sizes of OpenAI's own format.
  mlx_whisper: {
    weights: (names) =>
      ['weights.safetensors', 'weights.npz'].filter((name) => names.includes(name)).slice(0, 1),
    pattern: 'weights.safetensors or weights.npz',
    tokenizer: false,
    types: [],
    fields: {
      needed: [
        ...['n_mels', 'n_audio_ctx', 'n_audio_state', 'n_audio_head', 'n_audio_layer'],
        ...['n_vocab', 'n_text_ctx', 'n_text_state', 'n_text_head', 'n_text_layer'],
      ],
      allowed: ['model_type', 'quantization'],
    },
  },
  // mlx_audio/utils.py, load_weights: every *.safetensors, else every *.npz.
  mlx_audio: {
    weights: (names) => {
      const all = names.filter((name) => TOP.test(name));
      return all.length > 0 ? all : names.filter((name) => /^[^/]+\.npz$/.test(name));
    },
    pattern: '*.safetensors or *.npz',
    tokenizer: false,
    types: [],
  },
  // mflux reads folders for the parts of an image model; which, its own version decides.
  mflux: {
    weights: (names) => names.filter((name) => name.endsWith('.safetensors')),
    pattern: '*.safetensors',
    tokenizer: false,
    types: [],
  },
};

/** Who loads models of a kind, the usual one first. */
export const LOADERS_OF: Readonly<Record<ModelKind, readonly Loader[]>> = {
  text: ['mlx_lm', 'mlx_vlm'],
  vision: ['mlx_vlm', 'mlx_lm'],
  embedding: ['mlx_embeddings', 'mlx_vlm', 'mlx_lm'],
  audio: ['mlx_whisper', 'mlx_audio', 'mlx_vlm'],
  image: ['mflux'],
  adapter: [],
  other: ['mlx_lm', 'mlx_vlm'],
};

/** Tensors that a model for text does without: what sees and hears, and layers that guess ahead. */
export const SPARE_TENSORS = /(?:^|\.)(?:vision|visual|audio|speech|multi_modal|mm_|image_|mtp)/;
