import path from 'node:path';

import type { CommandInput, EngineAdapter, FailurePattern } from './adapter';
import { chatProof } from './chat-proof';
import { bytesOf, PROMPT_CACHE } from './common-options';
import { commonFailures } from './failure-texts';
import {
  flagOption,
  type MemoryUse,
  numberOption,
  severalAtOnce,
  sizeOption,
  textOption,
} from './memory-use';
import { optionArguments } from './option-arguments';
import { UVICORN_PROGRESS } from './uvicorn';
import type { OptionHint } from './option-hint';

/** What `launch --help` of mlx-openai-server 1.8.1 does not say in a way that can be read. */
const OPTION_HINTS: Readonly<Record<string, OptionHint>> = {
  'max-bytes': { default: PROMPT_CACHE },
  'model-type': { default: 'lm' },
  'queue-timeout': { default: 300 },
  'queue-size': { default: 100 },
  'lora-scales': { type: 'text' },
  'log-level': { default: 'INFO' },
};

const FAILURES: readonly FailurePattern[] = [
  {
    code: 'exited',
    pattern: /Handler process for .{1,1000} (died during initialization \(exit code -?\d+\))/,
    fatal: true,
    message: "The engine's process for the model $1.",
  },
];

/**
 * `mlx-openai-server launch` of the package mlx-openai-server: every model runs in a child of its own,
 * so the listener and the memory belong to different processes of the tree; it ends with 0 after a
 * failed load.
 */
export const mlxOpenaiServer: EngineAdapter = {
  id: 'mlx-openai-server',
  title: 'MLX OpenAI Server',
  description: 'Text, vision, embeddings, speech and images through one OpenAI-compatible address.',
  recommended: false,
  distribution: 'mlx-openai-server',
  loadsWith: ['mlx_lm', 'mlx_vlm', 'mlx_embeddings', 'mlx_whisper', 'mflux'],
  python: { min: [3, 11], below: [3, 13], prefer: '3.12' },
  executable: 'mlx-openai-server',
  helpArgs: ['launch', '--help'],
  command: (input) => ({
    file: input.command ?? path.join(input.bin, 'mlx-openai-server'),
    args: [
      ...['launch', '--model-path', input.modelPath, '--no-log-file'],
      ...['--host', input.host, '--port', String(input.port)],
      ...(input.options['model-type'] === undefined ? ['--model-type', 'lm'] : []),
      ...(input.options['prompt-cache-memory'] === undefined
        ? ['--max-bytes', String(bytesOf(PROMPT_CACHE))]
        : []),
      ...optionArguments(input.options, input.known, mlxOpenaiServer),
      ...input.extraArgs,
    ],
  }),
  memory: memoryUse,
  environment: {},
  // Its own log file would lie in whatever folder it is started in.
  reserved: [
    ...['model-path', 'host', 'port', 'config', 'served-model-name'],
    ...['log-file', 'no-log-file'],
  ],
  common: {
    'context-length': { flag: 'context-length' },
    'max-tokens': { flag: 'max-tokens' },
    temperature: { flag: 'temperature' },
    'top-p': { flag: 'top-p' },
    'top-k': { flag: 'top-k' },
    'min-p': { flag: 'min-p' },
    'prompt-cache-memory': { flag: 'max-bytes', write: (size) => String(bytesOf(size)) },
    'parallel-requests': { flag: 'decode-concurrency' },
    'kv-bits': { flag: 'kv-bits' },
    'draft-model': { flag: 'draft-model-path' },
    'tool-call-parser': { flag: 'tool-call-parser', needs: ['enable-auto-tool-choice'] },
    'reasoning-parser': { flag: 'reasoning-parser' },
    'trust-remote-code': { flag: 'trust-remote-code' },
  },
  optionHints: OPTION_HINTS,
  localOptions: ['lora-paths'],
  health: { path: '/health', answers: 'after-load' },
  probeMark: 'query',
  requestModel: (modelPath) => modelPath,
  capabilities: ['text', 'vision', 'audio', 'embeddings', 'tools', 'reasoning', 'responses'],
  http: '1.1',
  processTree: 'parent-and-children',
  worker: /multiprocessing\.spawn/,
  exitZeroMayFail: true,
  shutdownMs: 8000,
  failures: [...commonFailures, ...FAILURES],
  progress: [
    { pattern: /Spawning handler process/, phase: 'Starting the model process' },
    { pattern: /Spawned handler process/, phase: 'Loading model' },
    { pattern: /Handler process for .{0,1000} is ready/, phase: 'Starting to listen' },
    ...UVICORN_PROGRESS,
  ],
  proof: chatProof,
};

/** Its two processes with an empty model, as measured with 1.8.1: 984 and 97 MB. */
const RUNTIME_BYTES = 1_081_000_000;

/** Up to 32 requests at once, and only models for text keep earlier prompts (seen with 1.8.1). */
function memoryUse(options: CommandInput['options']): MemoryUse {
  const several = numberOption(options, 'parallel-requests');
  const single = flagOption(options, 'disable-batching');
  const isText = (textOption(options, 'model-type') ?? 'lm') === 'lm';
  return {
    context: numberOption(options, 'context-length'),
    concurrency: single ? 1 : several,
    kvBits: numberOption(options, 'kv-bits'),
    kvGroupSize: numberOption(options, 'kv-group-size'),
    kvBitsFrom: numberOption(options, 'quantized-kv-start') ?? 0,
    prefillStep: numberOption(options, 'prefill-step-size'),
    ...(isText
      ? {
          promptCache: {
            bytes: sizeOption(options, 'prompt-cache-memory') ?? bytesOf(PROMPT_CACHE),
            entries: numberOption(options, 'prompt-cache-size') ?? 10,
          },
        }
      : {}),
    draftModel: textOption(options, 'draft-model'),
    runtimeBytes: RUNTIME_BYTES,
    unknown: single || several !== undefined ? [] : [severalAtOnce(32)],
  };
}
