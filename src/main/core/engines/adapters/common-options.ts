import type { OptionValue } from '@shared/domain/profile';

import type { OptionHint } from './option-hint';

/** What a common option is on every engine, whatever its flag is called there. */
export interface CommonOption {
  /** Plain words for the form. */
  readonly label: string;
  /** What it does, in place of the engine's own `--help`, which differs from engine to engine. */
  readonly help: string;
  readonly unit?: string;
  readonly hint?: OptionHint;
}

/** Some engines keep prompts without a limit, which grows until the machine swaps: this is passed instead. */
export const PROMPT_CACHE = '2GB';

const count: OptionHint = { type: 'integer', min: 1 };

/** The options that have one name on every engine, in the order of the form. A profile stores these names. */
export const COMMON_OPTIONS = {
  'context-length': {
    label: 'Context length',
    help: 'The most tokens that one conversation can use. A longer context needs more memory.',
    unit: 'tokens',
    hint: { type: 'integer', min: 16 },
  },
  'max-tokens': {
    label: 'Max tokens',
    help: 'The most tokens in one answer, unless an app asks for a different number.',
    unit: 'tokens',
    hint: count,
  },
  temperature: {
    label: 'Temperature',
    help: 'How varied answers are. 0 always picks the most likely token.',
    hint: { type: 'number', min: 0 },
  },
  'top-p': {
    label: 'Top-p',
    help: 'Picks only from the most likely tokens that together reach this probability.',
    hint: { type: 'number', min: 0, max: 1 },
  },
  'top-k': {
    label: 'Top-k',
    help: 'Picks only from this many of the most likely tokens. 0 turns the limit off.',
    hint: { type: 'integer', min: 0 },
  },
  'min-p': {
    label: 'Min-p',
    help: 'Leaves out tokens whose probability is below this share of the most likely one. 0 turns the limit off.',
    hint: { type: 'number', min: 0, max: 1 },
  },
  'prompt-cache-memory': {
    label: 'Prompt cache size',
    help: 'Memory for keeping earlier prompts, so that the next message in a conversation starts faster. A size such as 2GB or 500MB.',
    hint: {
      type: 'text',
      pattern: /^\d+(?:\.\d+)?\s*(?:[mg]b?)?$/i,
      example: '2GB, 500MB or a number of bytes',
    },
  },
  'parallel-requests': {
    label: 'Concurrent requests',
    help: 'How many requests are answered at the same time. More requests need more memory.',
    hint: count,
  },
  'kv-bits': {
    label: 'KV cache precision',
    help: 'Stores the context in fewer bits, which saves memory at some cost in quality.',
    unit: 'bits',
    hint: { type: 'integer', min: 2, max: 8 },
  },
  adapter: {
    label: 'LoRA adapter',
    help: 'A folder with an adapter that is loaded together with the model.',
    hint: { type: 'path' },
  },
  'draft-model': {
    label: 'Draft model',
    help: 'A smaller model that drafts tokens for the model to check, which can make answers faster.',
    hint: { type: 'path' },
  },
  'chat-template-args': {
    label: 'Chat template arguments',
    help: 'Extra values for the chat template as JSON, such as {"enable_thinking": false}.',
    hint: { type: 'json' },
  },
  'tool-call-parser': {
    label: 'Tool-call parser',
    help: 'The format in which the model writes tool calls.',
  },
  'reasoning-parser': {
    label: 'Reasoning parser',
    help: 'The format in which the model writes its reasoning.',
  },
  'trust-remote-code': {
    label: "Run the model's own code",
    help: "Runs Python code that comes with the model. Allow it only if you trust the model's author.",
  },
} as const satisfies Record<string, CommonOption>;

export type CommonOptionName = keyof typeof COMMON_OPTIONS;

/** Names of common options that carry a path or run code: only the desktop and the command line set them. */
export const LOCAL_COMMON: readonly CommonOptionName[] = [
  'adapter',
  'draft-model',
  'trust-remote-code',
];

export function isCommonOption(name: string): name is CommonOptionName {
  return Object.hasOwn(COMMON_OPTIONS, name);
}

/** The common option of this name as one shape. */
export function commonOption(name: CommonOptionName): CommonOption {
  return COMMON_OPTIONS[name];
}

/** Bytes of `2GB`, `500MB`, `500m` or a plain number (units of 1000, as mlx-lm counts them). */
export function bytesOf(size: OptionValue): number {
  const match = /^(\d+(?:\.\d+)?)\s*([mg]?)b?$/i.exec(String(size).trim());
  const unit = { g: 1e9, m: 1e6 }[match?.[2]?.toLowerCase() ?? ''] ?? 1;
  return Math.round(Number(match?.[1] ?? Number.NaN) * unit);
}
