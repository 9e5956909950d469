import path from 'node:path';

import type { CommandInput, EngineAdapter, FailurePattern } from './adapter';
import { chatProof } from './chat-proof';
import { bytesOf } from './common-options';
import { commonFailures } from './failure-texts';
import { flagOption, type MemoryUse, numberOption, severalAtOnce, sizeOption } from './memory-use';
import { optionArguments } from './option-arguments';
import { UVICORN_PROGRESS } from './uvicorn';
import type { OptionHint } from './option-hint';

/** What `vllm-mlx serve --help` of 0.6.0 does not say in a way that can be read. */
const OPTION_HINTS: Readonly<Record<string, OptionHint>> = {
  'max-num-seqs': { default: 256 },
  'prefill-batch-size': { default: 8 },
  'completion-batch-size': { default: 32 },
  'cache-memory-mb': { pattern: /^\d+(?:\.\d+)?\s*(?:[mg]b?)?$/i },
  'cache-memory-percent': { type: 'number', min: 0, max: 1, default: 0.2 },
  'memory-budget-gb': { type: 'number', min: 0 },
  'ssd-cache-max-gb': { type: 'number', min: 0, default: 10 },
  'ssd-cache-dir': { type: 'path' },
  'warm-prompts': { type: 'path' },
  'mcp-config': { type: 'path' },
  'models-config': { type: 'path' },
  'gpu-memory-utilization': { type: 'number', min: 0, max: 1, default: 0.9 },
  'rate-limit': { type: 'integer', min: 0, default: 0 },
  'auto-unload-idle-seconds': { type: 'number', min: 0, default: 0 },
  'prefix-trie-cache-memory-mb': { type: 'integer', min: 1 },
  timeout: { type: 'number', min: 0, default: 300 },
  'stream-interval': { type: 'integer', min: 1, default: 1 },
  'default-presence-penalty': { type: 'number' },
  'default-repetition-penalty': { type: 'number' },
  'embedding-max-length': { type: 'text' },
  'default-thinking-token-budget': { type: 'integer', min: 0 },
};

const FAILURES: readonly FailurePattern[] = [
  {
    code: 'model_missing',
    pattern: /Failed to download '([^']+)' after \d+ attempts/,
    fatal: true,
    message: "There's no model in the folder $1.",
  },
  ...commonFailures,
];

/** `vllm-mlx serve` of the package vllm-mlx: OpenAI and Anthropic clients, continuous batching; one process, uvicorn. */
export const vllmMlx: EngineAdapter = {
  id: 'vllm-mlx',
  title: 'vLLM MLX',
  description: 'Many concurrent requests, with tool and reasoning parsers for many model families.',
  recommended: false,
  distribution: 'vllm-mlx',
  loadsWith: ['mlx_lm', 'mlx_vlm', 'mlx_embeddings'],
  python: { min: [3, 10], below: [3, 15], prefer: '3.12' },
  executable: 'vllm-mlx',
  helpArgs: ['serve', '--help'],
  command: (input) => ({
    file: input.command ?? path.join(input.bin, 'vllm-mlx'),
    args: [
      ...['serve', input.modelPath, '--host', input.host, '--port', String(input.port)],
      ...optionArguments(input.options, input.known, vllmMlx),
      ...input.extraArgs,
    ],
  }),
  memory: memoryUse,
  environment: {},
  // A key would shut the gateway and the manager's own questions out; a model loaded later is never proven.
  reserved: ['host', 'port', 'served-model-name', 'api-key', 'lazy-load-model'],
  common: {
    'context-length': { flag: 'max-kv-size' },
    'max-tokens': { flag: 'max-tokens' },
    temperature: { flag: 'default-temperature' },
    'top-p': { flag: 'default-top-p' },
    'top-k': { flag: 'default-top-k' },
    'min-p': { flag: 'default-min-p' },
    'prompt-cache-memory': {
      flag: 'cache-memory-mb',
      write: (size) => String(Math.max(1, Math.round(bytesOf(size) / 1e6))),
    },
    'parallel-requests': { flag: 'max-num-seqs', needs: ['continuous-batching'] },
    'kv-bits': {
      flag: 'kv-cache-quantization-bits',
      // Without these the number is read and has no effect.
      needs: ['kv-cache-quantization', 'continuous-batching'],
      hint: { type: 'choice' },
    },
    'chat-template-args': { flag: 'default-chat-template-kwargs' },
    'tool-call-parser': { flag: 'tool-call-parser', needs: ['enable-auto-tool-choice'] },
    'reasoning-parser': { flag: 'reasoning-parser' },
    'trust-remote-code': { flag: 'trust-remote-code' },
  },
  optionHints: OPTION_HINTS,
  localOptions: [
    ...['embedding-model', 'rerank-model', 'mllm-draft-model', 'specprefill-draft-model'],
    'mcp-config',
  ],
  health: { path: '/health', answers: 'after-load' },
  probeMark: 'query',
  requestModel: (modelPath) => modelPath,
  capabilities: [
    ...(['text', 'vision', 'embeddings', 'tools', 'reasoning'] as const),
    ...(['completions', 'responses', 'messages', 'metrics'] as const),
  ],
  http: '1.1',
  processTree: 'single',
  exitZeroMayFail: false,
  shutdownMs: 500,
  failures: FAILURES,
  progress: [{ pattern: /Model loaded/, phase: 'Starting to listen' }, ...UVICORN_PROGRESS],
  proof: chatProof,
};

/**
 * One request at a time, unless it batches; only then it keeps earlier prompts, in a share of all memory
 * where no size is given. `kv-bits` quantizes those alone, not the cache of a request (seen with 0.6.0).
 */
function memoryUse(options: CommandInput['options']): MemoryUse {
  const several = numberOption(options, 'parallel-requests');
  const batches =
    several !== undefined ||
    options['kv-bits'] !== undefined ||
    flagOption(options, 'continuous-batching');
  const bytes = sizeOption(options, 'prompt-cache-memory');
  const share = numberOption(options, 'cache-memory-percent') ?? 0.2;
  const keeps = batches && !flagOption(options, 'disable-prefix-cache');
  return {
    context: numberOption(options, 'context-length'),
    concurrency: batches ? several : 1,
    prefillStep: numberOption(options, 'prefill-step-size'),
    ...(keeps ? { promptCache: bytes === undefined ? { share } : { bytes } } : {}),
    unknown: batches && several === undefined ? [severalAtOnce(256)] : [],
  };
}
