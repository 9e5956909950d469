import type { EngineOption } from '@shared/domain/engine';
import type { OptionValue } from '@shared/domain/profile';

import { flagOption, numberOption, textOption } from '../engines/adapters/memory-use';

type Options = Readonly<Record<string, OptionValue>>;

/**
 * Tokens that an answer has at most where a request does not say how many: what the profile sets, else the engine's own
 * default as its `--help` tells it.
 * @param known the options of the installed engine.
 * @returns undefined where neither tells: the engine may then go on as long as it likes.
 */
export function answerLimitOf(
  options: Options,
  known: readonly Pick<EngineOption, 'key' | 'default'>[],
): number | undefined {
  const byDefault = known.find(({ key }) => key === 'max-tokens')?.default;
  const defaults = byDefault === undefined ? {} : { 'max-tokens': byDefault };
  return numberOption({ ...defaults, ...options }, 'max-tokens') || undefined;
}

/** Variables that a profile's options give the chat template of every request. */
export function templateArgsOf(options: Options): Readonly<Record<string, unknown>> {
  return {
    // An option of mlx-vlm alone.
    ...(flagOption(options, 'enable-thinking') ? { enable_thinking: true } : {}),
    ...objectIn(textOption(options, 'chat-template-args')),
  };
}

/** What is no JSON object keeps the engine from starting, which says so. */
function objectIn(text: string | undefined): object {
  try {
    const value: unknown = JSON.parse(text ?? '{}');
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
  } catch {
    return {};
  }
}
