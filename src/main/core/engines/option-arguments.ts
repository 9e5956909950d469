import type { EngineOption } from '@shared/domain/engine';
import type { OptionValue } from '@shared/domain/profile';

/**
 * A profile's options as arguments. What the installed version does not have is left out; `known`
 * empty means that its options could not be read, then all are passed.
 */
export function optionArguments(
  options: Readonly<Record<string, OptionValue>>,
  known: readonly EngineOption[],
): string[] {
  return Object.entries(options).flatMap(([key, value]) => {
    const option = known.find((candidate) => candidate.key === key);
    if (known.length > 0 && (option === undefined || option.reserved)) return [];
    const flag = option?.flag ?? `--${key}`;
    if (typeof value === 'boolean' || option?.type === 'flag') {
      return String(value) === 'true' ? [flag] : [];
    }
    const text = String(value);
    // A value that begins with a dash would be read as the next option.
    return text.startsWith('-') ? [`${flag}=${text}`] : [flag, text];
  });
}
