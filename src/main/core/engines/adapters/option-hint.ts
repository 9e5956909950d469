import type { EngineOption } from '@shared/domain/engine';
import type { OptionValue } from '@shared/domain/profile';

/** What `--help` does not say about an option: its kind, its default and the values that work. */
export interface OptionHint {
  readonly type?: EngineOption['type'];
  readonly default?: string | number | boolean;
  /** Smallest and largest number that makes sense, both allowed. */
  readonly min?: number;
  readonly max?: number;
  /** What a text must look like, and the same in words. */
  readonly pattern?: RegExp;
  readonly example?: string;
}

/** How one engine spells a common option. */
export interface CommonFlag {
  /** Its flag without dashes. */
  readonly flag: string;
  /** Flags without which it has no effect there. */
  readonly needs?: readonly string[];
  /** The value as this engine reads it, where that differs. */
  readonly write?: (value: OptionValue) => string;
  /** What else it does there, as a sentence. */
  readonly note?: string;
  /** What differs from the common option's own hint. */
  readonly hint?: OptionHint;
}
