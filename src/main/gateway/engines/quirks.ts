/**
 * What each engine's `chat/completions` needs. Read in the sources of the versions that are installed: mlx-lm 0.32.2
 * (`server.py`), mlx-vlm 0.7.10 (`server/openai.py`, `schemas.py`, `request_normalization.py`, `tools/policy.py`),
 * vllm-mlx 0.6.0 (`server.py`, `api/models.py`, `api/utils.py`), mlx-openai-server 1.8.1 (`app/schemas/openai.py`,
 * `app/handler/mlx_lm.py`).
 */
import type { ENGINE_IDS } from '@shared/domain/engine-ids';
import type { Sampling } from '../conversation/conversation';
import type { Quirks } from '../conversation/quirks';

type EngineId = (typeof ENGINE_IDS)[number];

const ALL_SAMPLING: readonly (keyof Sampling)[] = [
  'temperature',
  'topP',
  'topK',
  'minP',
  'seed',
  'presencePenalty',
  'frequencyPenalty',
  'stop',
];

/** What holds where nothing else is said. */
const COMMON = {
  httpVersion: '1.1',
  isUnknown: false,
  completions: false,
  suffix: false,
  tokenInput: false,
  schema: false,
  json: false,
  toolChoice: false,
  needsAuto: false,
  parallelTools: false,
  developer: false,
  movesSystem: false,
  joinsText: false,
  parsesArguments: true,
  images: true,
  audio: false,
  stopString: false,
  nulls: false,
  maxCompletionTokens: false,
  sampling: sampling(),
  thinking: 'arguments',
  reasoningField: 'reasoning_content',
  includeUsage: true,
  withheld: new Set<string>(),
  always: {},
} as const satisfies Omit<Quirks, 'engine'>;

const QUIRKS: Readonly<Record<EngineId, Quirks>> = {
  'mlx-lm': {
    ...COMMON,
    engine: 'mlx-lm',
    httpVersion: '1.0',
    completions: true,
    joinsText: true,
    stopString: true,
    maxCompletionTokens: true,
    defaultTokens: 512,
    reasoningField: 'reasoning',
    // It would load, and even download, what these name.
    withheld: new Set(['adapters', 'draft_model', 'num_draft_tokens', 'role_mapping']),
  },
  'mlx-vlm': {
    ...COMMON,
    engine: 'mlx-vlm',
    schema: true,
    json: true,
    toolChoice: true,
    developer: true,
    movesSystem: true,
    audio: true,
    sampling: sampling('stop'),
    thinking: 'fields',
    withheld: new Set(['adapter_path', 'context_management']),
    // Without it the engine summarizes a long conversation by itself and does not say so.
    always: { context_management: [] },
  },
  'vllm-mlx': {
    ...COMMON,
    engine: 'vllm-mlx',
    completions: true,
    schema: true,
    json: true,
    toolChoice: true,
    developer: true,
    mostTokens: 32_768,
    sampling: sampling('seed', 'frequencyPenalty'),
  },
  'mlx-openai-server': {
    ...COMMON,
    engine: 'mlx-openai-server',
    schema: true,
    needsAuto: true,
    movesSystem: true,
    maxCompletionTokens: true,
    audio: true,
  },
  custom: {
    ...COMMON,
    engine: 'this server',
    isUnknown: true,
    completions: true,
    suffix: true,
    tokenInput: true,
    schema: true,
    json: true,
    toolChoice: true,
    parallelTools: true,
    joinsText: true,
    parsesArguments: false,
    audio: true,
    stopString: true,
    nulls: true,
    maxCompletionTokens: true,
    thinking: 'effort',
  },
};

/** What an engine needs; of one that is not known it is what a custom server needs. */
export function quirksOf(engine: string): Quirks {
  return Object.hasOwn(QUIRKS, engine) ? QUIRKS[engine as EngineId] : QUIRKS.custom;
}

/** Every field of sampling but these. */
function sampling(...but: (keyof Sampling)[]): ReadonlySet<keyof Sampling> {
  return new Set(ALL_SAMPLING.filter((key) => !but.includes(key)));
}
