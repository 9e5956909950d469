import path from 'node:path';

import type { CommandInput, EngineAdapter, FailurePattern } from './adapter';
import { chatProof } from './chat-proof';
import { bytesOf, PROMPT_CACHE } from './common-options';
import { commonFailures } from './failure-texts';
import { type MemoryUse, numberOption, severalAtOnce, sizeOption, textOption } from './memory-use';
import { optionArguments } from './option-arguments';
import type { OptionHint } from './option-hint';

/**
 * An origin that no page can have (RFC 2606 reserves `.invalid`): the server then allows no web page
 * to read its answers. Its own default is `*`.
 */
const NO_ORIGIN = 'https://closed.invalid';

/** Options that `--help` gives without a type or default; values of mlx-lm 0.32.2, `mlx_lm/server.py`. */
const OPTION_HINTS: Readonly<Record<string, OptionHint>> = {
  'num-draft-tokens': { type: 'integer', min: 1, default: 3 },
  'chat-template': { type: 'text' },
  'chat-template-args': { default: '{}' },
  'decode-concurrency': { default: 32 },
  'prompt-concurrency': { type: 'integer', min: 1, default: 8 },
  'prefill-step-size': { type: 'integer', min: 1 },
  'prompt-cache-size': { type: 'integer', min: 1, default: 10 },
  'prompt-cache-bytes': { default: PROMPT_CACHE },
  'kv-group-size': { type: 'integer', min: 1 },
  'quantized-kv-start': { type: 'integer', min: 0 },
};

const FAILURES: readonly FailurePattern[] = [
  {
    // It reads the size with Python's decimal, which says nothing of the option.
    code: 'bad_option',
    pattern: /decimal\.InvalidOperation|in _parse_size/,
    fatal: true,
    message:
      "The engine can't read the size in --prompt-cache-bytes. Use a size such as 2GB or 500MB.",
  },
  ...commonFailures,
  // Its process lives on without the thread that generates; 0.31.3 does not say so to anybody who asks.
  {
    code: 'exited',
    pattern: /mlx_lm\.server generation thread died: /,
    fatal: true,
    always: true,
    message: 'The engine’s generation thread ended.',
    messageWithCause: 'The engine’s generation thread ended: $cause.',
  },
  {
    code: 'exited',
    pattern: /^Exception in thread Thread-\d+ \(_(?:run_)?generate\):/,
    fatal: true,
    always: true,
    message: 'The engine’s generation thread ended.',
    messageWithCause: 'The engine’s generation thread ended: $cause.',
  },
];

/** Printed by the generation thread for each request, seen with mlx-lm 0.32.2. */
const REQUEST_LINES = {
  before:
    / - INFO - (?:Prompt Cache: \d+ sequences|- \w+: \d+ sequences|Prompt processing progress: )/,
  after: / - INFO - Prompt processing progress: \d+\/\d+/,
} as const;

/** Of options that turn batching off (`mlx_lm/server.py` 0.32.2: `_is_batchable`). */
const ONE_AT_A_TIME = 'Requests are then answered one at a time.';

/** mlx_lm.server of the package mlx-lm: text models, one process, HTTP/1.0. */
export const mlxLm: EngineAdapter = {
  id: 'mlx-lm',
  title: 'MLX LM',
  description: "Apple's own server for text models: small and quick to start.",
  recommended: true,
  distribution: 'mlx-lm',
  loadsWith: ['mlx_lm'],
  python: { min: [3, 10], below: [3, 15], prefer: '3.12' },
  executable: 'mlx_lm.server',
  helpArgs: ['--help'],
  command: (input) => ({
    file: input.command ?? path.join(input.bin, 'mlx_lm.server'),
    args: [
      ...ownArguments(input),
      ...optionArguments(input.options, input.known, mlxLm),
      ...input.extraArgs,
    ],
  }),
  memory: memoryUse,
  environment: {},
  reserved: ['model', 'host', 'port', 'allowed-origins'],
  common: {
    'max-tokens': { flag: 'max-tokens' },
    temperature: { flag: 'temp' },
    'top-p': { flag: 'top-p' },
    'top-k': { flag: 'top-k' },
    'min-p': { flag: 'min-p' },
    'prompt-cache-memory': { flag: 'prompt-cache-bytes' },
    'parallel-requests': { flag: 'decode-concurrency' },
    'kv-bits': { flag: 'kv-bits', note: ONE_AT_A_TIME },
    adapter: { flag: 'adapter-path' },
    'draft-model': { flag: 'draft-model', note: ONE_AT_A_TIME },
    'chat-template-args': { flag: 'chat-template-args' },
    'trust-remote-code': { flag: 'trust-remote-code' },
  },
  optionHints: OPTION_HINTS,
  localOptions: [],
  health: { path: '/health', answers: 'before-load' },
  probeMark: 'slashes',
  requestLines: REQUEST_LINES,
  // Any other name makes the server drop its model and load that one.
  requestModel: () => 'default_model',
  capabilities: ['text', 'tools', 'reasoning', 'completions'],
  http: '1.0',
  processTree: 'single',
  exitZeroMayFail: true,
  shutdownMs: 100,
  failures: FAILURES,
  progress: [
    { pattern: /Starting httpd at /, phase: 'Loading model' },
    { pattern: /Prompt processing progress: (\d+)\/(\d+)/, phase: 'Checking that it answers' },
  ],
  proof: chatProof,
};

/** What the manager sets itself; a version that lacks one of the later two is not given it. */
function ownArguments({ modelPath, host, port, options, known }: CommandInput): string[] {
  const has = (key: string): boolean =>
    known.length === 0 || known.some((option) => option.flag === `--${key}`);
  const cache = has('prompt-cache-bytes') && options['prompt-cache-memory'] === undefined;
  return [
    ...['--model', modelPath, '--host', host, '--port', String(port)],
    ...(has('allowed-origins') ? ['--allowed-origins', NO_ORIGIN] : []),
    ...(cache ? ['--prompt-cache-bytes', PROMPT_CACHE] : []),
  ];
}

/** Tokens that stay unquantized: the default of `--quantized-kv-start` in mlx-lm 0.32.2. */
const QUANTISED_FROM = 5000;

/**
 * It has no limit of the context. A quantized cache and a draft model turn batching off, and with it the
 * limit of the prompt cache by bytes (`mlx_lm/server.py` 0.32.2: `_is_batchable`, `trim_to`).
 */
function memoryUse(options: CommandInput['options']): MemoryUse {
  const kvBits = numberOption(options, 'kv-bits');
  const draftModel = textOption(options, 'draft-model');
  const batches = kvBits === undefined && draftModel === undefined;
  const concurrency = numberOption(options, 'parallel-requests');
  const entries = numberOption(options, 'prompt-cache-size') ?? 10;
  return {
    concurrency: batches ? concurrency : 1,
    kvBits,
    kvGroupSize: numberOption(options, 'kv-group-size'),
    kvBitsFrom: numberOption(options, 'quantized-kv-start') ?? QUANTISED_FROM,
    prefillStep: numberOption(options, 'prefill-step-size'),
    promptCache: {
      bytes: sizeOption(options, 'prompt-cache-memory') ?? bytesOf(PROMPT_CACHE),
      entries,
    },
    draftModel,
    unknown: [
      ...(batches && concurrency === undefined ? [severalAtOnce(32)] : []),
      ...(batches
        ? []
        : [
            `With one request at a time, the engine keeps up to ${entries} earlier prompts of any size, which the estimate leaves out.`,
          ]),
    ],
  };
}
