import type { ModelKind } from '@shared/domain/hub';
import { z } from 'zod';

import { type ConfigFacts, configFacts } from '../hub/model-facts';

/** The parts of a config.json that only a model on disk is looked at for; strangers write it. */
const Config = z.object({
  model_type: z.string().max(100).optional().catch(undefined),
  architectures: z.array(z.string().max(200)).optional().catch(undefined),
  vision_config: z.unknown().optional(),
  audio_config: z.unknown().optional(),
  auto_map: z.unknown().optional(),
  model_file: z.unknown().optional(),
});

/** What a config says that a person wants to know. */
export interface LocalConfigFacts extends ConfigFacts {
  readonly kind: ModelKind;
  readonly needsCode?: boolean;
}

/**
 * @param files names of the files beside it: sentence-transformers says by them that a model embeds.
 * @returns undefined for what is no config.
 */
export function describeConfig(
  config: unknown,
  files: ReadonlySet<string>,
): LocalConfigFacts | undefined {
  const parsed = Config.safeParse(config);
  if (!parsed.success) return undefined;
  const needsCode = parsed.data.auto_map !== undefined || parsed.data.model_file !== undefined;
  return {
    ...configFacts(config),
    kind: kindOf(parsed.data, files),
    ...(needsCode ? { needsCode } : {}),
  };
}

const AUDIO = /whisper|wav2vec|parakeet|speech|kokoro|bark|outetts|snac|mimi|voxtral/i;
const EMBEDDING = /^(?:bert|xlm-roberta|roberta|modernbert|nomic_bert|mpnet|siglip|colqwen)/i;

/** What a model is for. Where nothing says otherwise it writes text, as most in MLX's format do. */
function kindOf(config: z.infer<typeof Config>, files: ReadonlySet<string>): ModelKind {
  const type = config.model_type ?? '';
  const embeds = files.has('modules.json') || files.has('config_sentence_transformers.json');
  if (embeds || EMBEDDING.test(type)) return 'embedding';
  if (config.vision_config !== undefined) return 'vision';
  const names = `${type} ${config.architectures?.[0] ?? ''}`;
  return AUDIO.test(names) || config.audio_config !== undefined ? 'audio' : 'text';
}
