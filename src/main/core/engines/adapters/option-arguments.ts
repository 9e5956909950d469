import type { EngineOption } from '@shared/domain/engine';
import type { OptionValue } from '@shared/domain/profile';

import type { EngineAdapter } from './adapter';
import { isCommonOption } from './common-options';
import { normaliseOptionKey } from './option-key';

/**
 * A profile's options as arguments, each once. What the installed version does not have is left out;
 * `known` empty means that its options could not be read, then all are passed.
 */
export function optionArguments(
  options: Readonly<Record<string, OptionValue>>,
  known: readonly EngineOption[],
  adapter: Pick<EngineAdapter, 'common'>,
): string[] {
  const has = (key: string): boolean =>
    known.length === 0 || known.some(({ flag }) => normaliseOptionKey(flag) === key);
  const needed = new Set<string>();
  const args = Object.entries(options).flatMap(([key, value]) => {
    const common = isCommonOption(key) ? adapter.common[key] : undefined;
    const option = known.find((candidate) => candidate.key === key);
    if (known.length > 0 && (option === undefined || option.reserved)) return [];
    const flag = option?.flag ?? `--${common?.flag ?? key}`;
    for (const other of common?.needs ?? []) if (has(other)) needed.add(other);
    if (typeof value === 'boolean' || option?.type === 'flag') {
      return String(value) === 'true' ? [flag] : [];
    }
    const text = common?.write?.(value) ?? String(value);
    // A value that begins with a dash would be read as the next option.
    return text.startsWith('-') ? [`${flag}=${text}`] : [flag, text];
  });
  const extra = [...needed].map((key) => `--${key}`).filter((flag) => !args.includes(flag));
  return [...args, ...extra];
}
