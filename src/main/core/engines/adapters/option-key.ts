import type { EngineAdapter } from './adapter';
import {
  type CommonOptionName,
  commonOption,
  isCommonOption,
  LOCAL_COMMON,
} from './common-options';
import type { OptionHint } from '../adapters/option-hint';

/** The one spelling of an option's name: no leading dashes, `_` and `-` the same, lower case. */
export function normaliseOptionKey(key: string): string {
  return key.trim().replace(/^-+/, '').replaceAll('_', '-').toLowerCase();
}

/** The common option that this flag of the engine is. */
export function commonNameOf(
  flagKey: string,
  adapter: EngineAdapter,
): CommonOptionName | undefined {
  const names = Object.keys(adapter.common).filter(isCommonOption);
  return names.find((name) => adapter.common[name]?.flag === flagKey);
}

/** The engine's flag (without dashes) for a name that a profile stores. */
export function flagKeyOf(key: string, adapter: EngineAdapter): string {
  return (isCommonOption(key) ? adapter.common[key]?.flag : undefined) ?? key;
}

/** Options under their common names where they have one, so that each is stored one way. */
export function withCommonNames<T>(
  options: Readonly<Record<string, T>>,
  adapter: EngineAdapter,
): Record<string, T> {
  return Object.fromEntries(
    Object.entries(options).map(([key, value]) => {
      const flagKey = normaliseOptionKey(key);
      return [commonNameOf(flagKey, adapter) ?? flagKey, value];
    }),
  );
}

/** What is known of a flag beyond its `--help`. */
export function optionHint(flagKey: string, adapter: EngineAdapter): OptionHint {
  const name = commonNameOf(flagKey, adapter);
  const shared = name && commonOption(name).hint;
  return { ...shared, ...(name && adapter.common[name]?.hint), ...adapter.optionHints?.[flagKey] };
}

/** Whether only the desktop and the command line may set it. */
export function isLocalOption(key: string, adapter: EngineAdapter): boolean {
  return LOCAL_COMMON.some((name) => name === key) || adapter.localOptions.includes(key);
}
