import type { EngineOption } from '@shared/domain/engine';
import type { OptionValue } from '@shared/domain/profile';

import type { EngineAdapter } from '../adapters/adapter';
import { checkOptions } from './option-checks';
import { flagKeyOf, withCommonNames } from '../adapters/option-key';

/** Options for another engine, and what could not come along. */
export interface CarriedOptions {
  readonly options: Record<string, OptionValue>;
  readonly lost: { key: string; value: OptionValue; reason: string }[];
}

/**
 * A profile's options for another engine: common ones keep their name, the rest stays where that
 * engine has an option of the same name that takes the value. `known` is undefined while the engine
 * is not installed: then only common options are sure to mean the same.
 */
export function carryOver(
  options: Readonly<Record<string, OptionValue>>,
  known: readonly EngineOption[] | undefined,
  adapter: EngineAdapter,
): CarriedOptions {
  const carried: Record<string, OptionValue> = {};
  const lost: { key: string; value: OptionValue; reason: string }[] = [];
  for (const [key, value] of Object.entries(withCommonNames(options, adapter))) {
    const [problem] = checkOptions({ [key]: value }, known, adapter, { local: true });
    const isUnknown =
      known === undefined && flagKeyOf(key, adapter) === key && !(key in adapter.common);
    if (problem) lost.push({ key, value, reason: problem.message });
    else if (isUnknown) {
      const reason = `${adapter.title} isn't installed, so MLX Manager can't tell whether it has ${key}.`;
      lost.push({ key, value, reason });
    } else carried[key] = value;
  }
  return { options: carried, lost };
}
