import type { OptionValue } from '@shared/domain/profile';

import { bytesOf } from './common-options';

/** What of an engine and its options decides how much memory a server takes. */
export interface MemoryUse {
  /** The most tokens of one request that are kept; undefined: no limit is set. */
  readonly context?: number | undefined;
  /** Full requests at once that are counted; undefined: one. */
  readonly concurrency?: number | undefined;
  readonly kvBits?: number | undefined;
  readonly kvGroupSize?: number | undefined;
  /** Tokens up to which the cache is not quantized. */
  readonly kvBitsFrom?: number | undefined;
  readonly prefillStep?: number | undefined;
  /** What is kept of earlier prompts at most: bytes, or a share of all memory, or so many of them. */
  readonly promptCache?: {
    readonly bytes?: number | undefined;
    readonly share?: number | undefined;
    readonly entries?: number | undefined;
  };
  /** A second model: a folder, or a reference. */
  readonly draftModel?: string | undefined;
  /** The engine without a model, where it is not as small as mlx-lm. */
  readonly runtimeBytes?: number | undefined;
  /** What is not counted, as sentences. */
  readonly unknown?: readonly string[];
}

type Options = Readonly<Record<string, OptionValue>>;

/** A number from zero on; undefined where the option is not set, or no number. */
export function numberOption(options: Options, key: string): number | undefined {
  const value = options[key];
  if (value === undefined || typeof value === 'boolean') return undefined;
  const number = Number(value);
  return Number.isFinite(number) && number >= 0 ? number : undefined;
}

export function textOption(options: Options, key: string): string | undefined {
  const value = options[key];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A flag as profiles store it: `true` or the text of it. */
export function flagOption(options: Options, key: string): boolean {
  return String(options[key] ?? false) === 'true';
}

/** Bytes of `2GB`; undefined where the option is not set, or no size. */
export function sizeOption(options: Options, key: string): number | undefined {
  const bytes = options[key] === undefined ? Number.NaN : bytesOf(options[key]);
  return Number.isFinite(bytes) ? bytes : undefined;
}

/** Of an engine that answers more requests at once than are counted. */
export function severalAtOnce(most?: number): string {
  const many = most === undefined ? 'any number of' : `up to ${most}`;
  return `Handles ${many} requests at once. The estimate assumes one at full context.`;
}
