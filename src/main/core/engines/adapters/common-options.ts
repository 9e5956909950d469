import type { OptionValue } from '@shared/domain/profile';

import type { OptionHint } from './option-hint';

/** What a common option is on every engine, whatever its flag is called there. */
export interface CommonOption {
  /** Plain words for the form. */
  readonly label: string;
  readonly unit?: string;
  readonly hint?: OptionHint;
}

/** Some engines keep prompts without a limit, which grows until the machine swaps: this is passed instead. */
export const PROMPT_CACHE = '2GB';

const count: OptionHint = { type: 'integer', min: 1 };

/** The options that have one name on every engine, in the order of the form. A profile stores these names. */
export const COMMON_OPTIONS = {
  'context-length': { label: 'Context length', unit: 'tokens', hint: { type: 'integer', min: 16 } },
  'max-tokens': { label: 'Max tokens', unit: 'tokens', hint: count },
  temperature: { label: 'Temperature', hint: { type: 'number', min: 0 } },
  'top-p': { label: 'Top-p', hint: { type: 'number', min: 0, max: 1 } },
  'top-k': { label: 'Top-k', hint: { type: 'integer', min: 0 } },
  'min-p': { label: 'Min-p', hint: { type: 'number', min: 0, max: 1 } },
  'prompt-cache-memory': {
    label: 'Prompt cache size',
    hint: {
      type: 'text',
      pattern: /^\d+(?:\.\d+)?\s*(?:[mg]b?)?$/i,
      example: '2GB, 500MB or a number of bytes',
    },
  },
  'parallel-requests': { label: 'Concurrent requests', hint: count },
  'kv-bits': {
    label: 'KV cache precision',
    unit: 'bits',
    hint: { type: 'integer', min: 2, max: 8 },
  },
  adapter: { label: 'LoRA adapter', hint: { type: 'path' } },
  'draft-model': { label: 'Draft model', hint: { type: 'path' } },
  'chat-template-args': { label: 'Chat template arguments', hint: { type: 'json' } },
  'tool-call-parser': { label: 'Tool-call parser' },
  'reasoning-parser': { label: 'Reasoning parser' },
  'trust-remote-code': { label: "Run the model's own code" },
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
