import type { EngineOption } from '@shared/domain/engine';
import type { ServerProfile } from '@shared/domain/profile';
import type { EngineAdapter } from '../adapters/adapter';
import { bytesOf, type CommonOptionName } from '../adapters/common-options';

type Options = ServerProfile['options'];

/** What takes the least memory and still serves: a short context, a quantized cache, one answer at a time. */
const SAFE = {
  'context-length': 4096,
  'kv-bits': 4,
  'parallel-requests': 1,
  'prompt-cache-memory': '200MB',
} as const satisfies Partial<Record<CommonOptionName, number | string>>;

const NAMES = Object.keys(SAFE) as (keyof typeof SAFE)[];

/** Whether this engine has anything that a start with less memory could lower. */
export function hasSafeMode(adapter: Pick<EngineAdapter, 'common'>): boolean {
  return NAMES.some((name) => name in adapter.common);
}

/** A profile's options for a start with less memory; what is lower already stays. */
export function safeModeOptions(
  options: Options,
  adapter: Pick<EngineAdapter, 'common'>,
  known: readonly EngineOption[],
): Options {
  const lowered = NAMES.filter(
    (name) =>
      name in adapter.common && (known.length === 0 || known.some(({ key }) => key === name)),
  ).filter((name) => !isLower(options[name], SAFE[name]));
  return { ...options, ...Object.fromEntries(lowered.map((name) => [name, SAFE[name]])) };
}

/** Sizes as bytes, numbers as they are. */
function isLower(value: Options[string] | undefined, limit: number | string): boolean {
  if (value === undefined) return false;
  return bytesOf(value) <= bytesOf(limit);
}

/** What was changed, for people: `context-length 4096, kv-bits 4`. */
export function safeModeText(before: Options, after: Options): string {
  return Object.entries(after)
    .filter(([key, value]) => before[key] !== value)
    .map(([key, value]) => `${key} ${value}`)
    .join(', ');
}
