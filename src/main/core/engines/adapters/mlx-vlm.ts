import path from 'node:path';

import type { CommandInput, EngineAdapter } from './adapter';
import { chatProof } from './chat-proof';
import { commonFailures } from './failure-texts';
import { type MemoryUse, numberOption, severalAtOnce, textOption } from './memory-use';
import { optionArguments } from './option-arguments';
import { UVICORN_PROGRESS } from './uvicorn';
import type { OptionHint } from './option-hint';

/** Defaults that `--help` of mlx-vlm 0.7.10 leaves out; `mlx_vlm/generate/common.py`. */
const OPTION_HINTS: Readonly<Record<string, OptionHint>> = {
  'max-tokens': { default: 2048 },
  'kv-bits': { type: 'number', min: 1, max: 8 },
  'kv-key-bits': { type: 'number', min: 1, max: 8 },
  'kv-value-bits': { type: 'number', min: 1, max: 8 },
  'kv-group-size': { type: 'integer', min: 1, default: 64 },
  'kv-quant-scheme': { default: 'uniform' },
  'quantized-kv-start': { type: 'integer', min: 0, default: 5000 },
  'expert-cache-gb': { type: 'number', min: 0 },
  'thinking-budget': { type: 'integer', min: 0 },
  'model-dir': { type: 'path' },
  'min-pixels': { type: 'integer', min: 1 },
  'max-pixels': { type: 'integer', min: 1 },
  'draft-block-size': { type: 'integer', min: 1 },
  'top-logprobs-k': { type: 'integer', min: 0, max: 20, default: 0 },
};

/** mlx_vlm.server of the package mlx-vlm: text, images, audio and more; one process, uvicorn. */
export const mlxVlm: EngineAdapter = {
  id: 'mlx-vlm',
  title: 'MLX VLM',
  description: 'Vision and audio models as well as text. Also works with Anthropic clients.',
  recommended: false,
  distribution: 'mlx-vlm',
  loadsWith: ['mlx_vlm', 'mlx_audio'],
  python: { min: [3, 10], below: [3, 15], prefer: '3.12' },
  executable: 'mlx_vlm.server',
  helpArgs: ['--help'],
  command: (input) => ({
    file: input.command ?? path.join(input.bin, 'mlx_vlm.server'),
    args: [
      ...['--model', input.modelPath, '--host', input.host, '--port', String(input.port)],
      ...optionArguments(input.options, input.known, mlxVlm),
      ...input.extraArgs,
    ],
  }),
  memory: memoryUse,
  environment: {},
  // A key would shut the gateway and the manager's own questions out as well.
  reserved: ['model', 'host', 'port', 'reload', 'api-key'],
  common: {
    'context-length': { flag: 'max-kv-size' },
    'max-tokens': { flag: 'max-tokens' },
    'parallel-requests': { flag: 'max-num-seqs' },
    'kv-bits': { flag: 'kv-bits' },
    adapter: { flag: 'adapter-path' },
    'draft-model': { flag: 'draft-model' },
    'trust-remote-code': { flag: 'trust-remote-code' },
  },
  optionHints: OPTION_HINTS,
  // Each loads another model from a place that the option names.
  localOptions: [
    ...['image-model', 'tts-model', 'stt-model', 'embedding-model', 'decision-model'],
    'reranker-model',
  ],
  health: { path: '/health', answers: 'after-load' },
  probeMark: 'query',
  // Another name makes the server unload its model and load that one.
  requestModel: (modelPath) => modelPath,
  capabilities: [
    ...(['text', 'vision', 'audio', 'embeddings', 'tools', 'reasoning'] as const),
    ...(['responses', 'messages', 'metrics'] as const),
  ],
  http: '1.1',
  processTree: 'single',
  exitZeroMayFail: false,
  shutdownMs: 500,
  failures: commonFailures,
  progress: [
    { pattern: /Pre-loading language model|Loading model/, phase: 'Loading model' },
    { pattern: /Model and processor loaded|Language model ready/, phase: 'Starting to listen' },
    ...UVICORN_PROGRESS,
  ],
  proof: chatProof,
};

/** It answers any number of requests at once, unless `max-num-seqs` says otherwise (seen with 0.7.10). */
function memoryUse(options: CommandInput['options']): MemoryUse {
  const concurrency = numberOption(options, 'parallel-requests');
  return {
    context: numberOption(options, 'context-length'),
    concurrency,
    kvBits: numberOption(options, 'kv-bits'),
    kvGroupSize: numberOption(options, 'kv-group-size'),
    kvBitsFrom: numberOption(options, 'quantized-kv-start') ?? 5000,
    prefillStep: numberOption(options, 'prefill-step-size'),
    draftModel: textOption(options, 'draft-model'),
    unknown: concurrency === undefined ? [severalAtOnce()] : [],
  };
}
