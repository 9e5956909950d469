import path from 'node:path';

import type { CommandInput, EngineAdapter, OptionHint } from './adapter';
import { mlxLmFailures } from './mlx-lm-failures';
import { optionArguments } from './option-arguments';

/**
 * An origin that no page can have (RFC 2606 reserves `.invalid`): the server then allows no web page
 * to read its answers. Its own default is `*`.
 */
const NO_ORIGIN = 'https://closed.invalid';

/** The engine's own default is without a limit, which grows until the machine swaps. */
const PROMPT_CACHE_BYTES = '2GB';

const count: OptionHint = { type: 'integer', min: 1 };

/** Options that `--help` gives without a type or default; values of mlx-lm 0.32.2, `mlx_lm/server.py`. */
const OPTION_HINTS: Readonly<Record<string, OptionHint>> = {
  'adapter-path': { type: 'path' },
  'draft-model': { type: 'path' },
  'num-draft-tokens': { ...count, default: 3 },
  'chat-template': { type: 'text' },
  'chat-template-args': { type: 'json', default: '{}' },
  temp: { type: 'number', min: 0 },
  'top-p': { type: 'number', min: 0, max: 1 },
  'top-k': { type: 'integer', min: 0 },
  'min-p': { type: 'number', min: 0, max: 1 },
  'max-tokens': count,
  'decode-concurrency': { ...count, default: 32 },
  'prompt-concurrency': { ...count, default: 8 },
  'prefill-step-size': count,
  'prompt-cache-size': { ...count, default: 10 },
  'prompt-cache-bytes': {
    type: 'text',
    default: PROMPT_CACHE_BYTES,
    pattern: /^\d+(?:\.\d+)?\s*(?:[mg]b?)?$/i,
    example: '2GB, 500MB or a number of bytes',
  },
  'kv-bits': { type: 'integer', min: 2, max: 8 },
  'kv-group-size': count,
  'quantized-kv-start': { type: 'integer', min: 0 },
};

/** mlx_lm.server of the package mlx-lm: text models, one process, HTTP/1.0. */
export const mlxLm: EngineAdapter = {
  id: 'mlx-lm',
  title: 'MLX LM',
  description: "Apple's own server for text models: small, quick to start, always up to date.",
  recommended: true,
  // On Linux the plain package brings no backend at all.
  requirement: (platform) => (platform === 'darwin' ? 'mlx-lm' : 'mlx-lm[cpu]'),
  extraRequirements: () => [],
  overrides: () => [],
  python: { min: [3, 10], below: [3, 15], prefer: '3.12' },
  executable: 'mlx_lm.server',
  command: (input) => ({
    file: input.command ?? path.join(input.bin, 'mlx_lm.server'),
    args: [
      ...ownArguments(input),
      ...optionArguments(input.options, input.known),
      ...input.extraArgs,
    ],
  }),
  environment: {},
  reserved: ['model', 'host', 'port', 'allowed-origins'],
  commonOptions: {
    'max-tokens': { label: 'Longest answer', unit: 'tokens' },
    temp: { label: 'Temperature' },
    'top-p': { label: 'Top-p' },
    'top-k': { label: 'Top-k' },
    'min-p': { label: 'Min-p' },
    'prompt-cache-bytes': { label: 'Memory for prompt caches' },
    'decode-concurrency': { label: 'Answers at once' },
    'kv-bits': { label: 'KV cache precision', unit: 'bits' },
    'adapter-path': { label: 'LoRA adapter' },
    'draft-model': { label: 'Draft model' },
    'chat-template-args': { label: 'Chat template arguments' },
    'trust-remote-code': { label: "Run the model's own code" },
  },
  optionHints: OPTION_HINTS,
  localOptions: ['adapter-path', 'draft-model', 'trust-remote-code'],
  health: { path: '/health', answers: 'before-load' },
  // Any other name makes the server drop its model and load that one.
  requestModel: () => 'default_model',
  http: '1.0',
  processTree: 'single',
  exitZeroMayFail: true,
  shutdownMs: 100,
  failures: mlxLmFailures,
  progress: [
    { pattern: /Starting httpd at /, phase: 'Loading the model' },
    { pattern: /Prompt processing progress: (\d+)\/(\d+)/, phase: 'Proving a token' },
  ],
  proof: (model) => ({
    path: '/v1/chat/completions',
    body: { model, messages: [{ role: 'user', content: 'hi' }], max_tokens: 1, stream: false },
  }),
};

/** What the manager sets itself; a version that lacks one of the later two is not given it. */
function ownArguments({ modelPath, host, port, options, known }: CommandInput): string[] {
  const has = (key: string): boolean =>
    known.length === 0 || known.some((option) => option.key === key);
  const cache = has('prompt-cache-bytes') && options['prompt-cache-bytes'] === undefined;
  return [
    ...['--model', modelPath, '--host', host, '--port', String(port)],
    ...(has('allowed-origins') ? ['--allowed-origins', NO_ORIGIN] : []),
    ...(cache ? ['--prompt-cache-bytes', PROMPT_CACHE_BYTES] : []),
  ];
}
