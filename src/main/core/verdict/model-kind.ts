import type { ModelKind } from '@shared/domain/hub';
import { z } from 'zod';

import { configParts, isNamed } from './model-config';

/** What is known of a model from which its kind follows. */
export interface KindEvidence {
  /** Its config.json, or what a list of a hub tells of that; undefined where there is none. */
  readonly config: unknown;
  /** Names of its files; absent where they are not known. */
  readonly names?: ReadonlySet<string>;
  /** What its page on a hub says that it is for. */
  readonly pipeline?: string | undefined;
}

const Names = z.object({
  model_type: z.string().max(100).optional().catch(undefined),
  architectures: z
    .union([z.array(z.string().max(200)), z.string().max(200)])
    .optional()
    .catch(undefined),
});

const SPEECH =
  /whisper|wav2vec|parakeet|canary|speech|kokoro|bark|outetts|snac|mimi|voxtral|moonshine|sensevoice|(?:^|[_-])(?:asr|tts|stt)(?:$|[_-])/i;
const EMBEDDING = /^(?:bert|xlm-roberta|roberta|modernbert|nomic_bert|mpnet|siglip|colqwen)/i;
/** Parts of a config that hold what sees. */
const SIGHT = ['vision_config', 'vision_tower', 'vision_encoder'] as const;

/** The hub's names of what a model is for, by ours. */
const BY_PIPELINE: Readonly<Record<string, ModelKind>> = {
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
  'text-to-image': 'image',
  'image-to-image': 'image',
};

/**
 * What a model is: its own files count before what its page says. A config that tells nothing else is one of a
 * model that writes text, as most in MLX's format are; without a config nothing can be told.
 */
export function kindOf({ config, names, pipeline }: KindEvidence): ModelKind {
  if (names?.has('adapter_config.json') && !hasModelWeights(names)) return 'adapter';
  if (names?.has('model_index.json')) return 'image';
  if (names?.has('modules.json') || names?.has('config_sentence_transformers.json')) {
    return 'embedding';
  }
  const told = BY_PIPELINE[pipeline ?? ''];
  const parts = configParts(config);
  const byConfig = kindOfConfig(parts);
  if (byConfig !== undefined && byConfig !== 'text') return byConfig;
  if (told !== undefined) return told;
  if (pipeline !== undefined) return 'other';
  return byConfig ?? (names === undefined ? 'text' : 'other');
}

function hasModelWeights(names: ReadonlySet<string>): boolean {
  return [...names].some((name) => /^model[^/]*\.safetensors(?:\.index\.json)?$/.test(name));
}

/** Undefined for what names nothing by which an engine could tell what it is. */
function kindOfConfig(parts: readonly Readonly<Record<string, unknown>>[]): ModelKind | undefined {
  const [whole] = parts;
  if (!whole) return undefined;
  const { model_type: type, architectures } = Names.parse(whole);
  const architecture = [architectures ?? []].flat()[0];
  if (type !== undefined && EMBEDDING.test(type)) return 'embedding';
  if (parts.some((part) => SIGHT.some((name) => isNamed(part[name])))) return 'vision';
  if (SPEECH.test(`${type ?? ''} ${architecture ?? ''}`) || isSpeech(parts)) return 'audio';
  return type === undefined &&
    architecture === undefined &&
    parts.length === 1 &&
    !isNamed(whole.model_file)
    ? undefined
    : 'text';
}

/** Whisper in OpenAI's format, Kokoro and models of NeMo name no type: their fields do. */
function isSpeech(parts: readonly Readonly<Record<string, unknown>>[]): boolean {
  const [whole] = parts;
  if (isNamed(whole?.istftnet)) return true;
  if (typeof whole?.target === 'string' && whole.target.includes('.asr.')) return true;
  return parts.some(
    (part) => isNamed(part.audio_config) || (isNamed(part.n_mels) && isNamed(part.n_audio_state)),
  );
}
