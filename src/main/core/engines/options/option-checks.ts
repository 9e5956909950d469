import type { EngineOption } from '@shared/domain/engine';
import type { OptionValue, ServerProfile } from '@shared/domain/profile';
import type { FieldProblem } from '@shared/errors';

import type { EngineAdapter } from '../adapters/adapter';
import { type CommonOptionName, commonOption, isCommonOption } from '../adapters/common-options';
import { flagKeyOf, isLocalOption, normaliseOptionKey, optionHint } from '../adapters/option-key';
import type { OptionHint } from '../adapters/option-hint';

/** Who asks: only the desktop and the command line may set what reaches the machine. */
export interface OptionScope {
  readonly local: boolean;
}

/**
 * What is wrong with a profile's options. Without `known` (the engine is not installed) only what
 * holds for every version is checked.
 */
export function checkOptions(
  options: ServerProfile['options'],
  known: readonly EngineOption[] | undefined,
  adapter: EngineAdapter,
  scope: OptionScope,
): FieldProblem[] {
  return Object.entries(options).flatMap(([key, value]) => {
    const problem = optionProblem(key, value, known, adapter, scope);
    if (problem === undefined) return [];
    const field = `options.${key}`;
    if (typeof problem === 'string') return [{ field, message: problem }];
    return [{ field, message: `${problem.key} ${problem.rule}.`, rule: problem.rule }];
  });
}

/** What the value of an option must be, as the end of a sentence. */
interface BrokenRule {
  readonly key: string;
  readonly rule: string;
}

/** The first thing wrong with one option: a rule that its value breaks, or a sentence of another kind. */
function optionProblem(
  name: string,
  value: OptionValue,
  known: readonly EngineOption[] | undefined,
  adapter: EngineAdapter,
  scope: OptionScope,
): BrokenRule | string | undefined {
  const key = normaliseOptionKey(name);
  const flagKey = flagKeyOf(key, adapter);
  if (adapter.reserved.includes(flagKey)) return reservedSentence(key);
  if (isCommonOption(key) && adapter.common[key] === undefined)
    return lackingSentence(key, adapter);
  const option = known?.find((candidate) => candidate.key === key);
  if (known && known.length > 0 && !option) return unknownSentence(key, known, adapter);
  const localOnly = option?.localOnly ?? isLocalOption(key, adapter);
  if (localOnly && !scope.local) {
    return `${key} can only be set in the desktop app or on the command line.`;
  }
  if (typeof value === 'string' && value.includes('\0')) {
    return { key, rule: 'must not contain NUL' };
  }
  const rule = option && brokenRule(option, value, optionHint(flagKey, adapter));
  return option && rule ? { key: option.key, rule } : undefined;
}

function reservedSentence(key: string): string {
  return `${key} is set by MLX Manager from the profile's own fields and can't be set as an option.`;
}

/** Said, not dropped: the person meant something by it that this engine cannot do. */
export function lackingSentence(name: CommonOptionName, adapter: EngineAdapter): string {
  return `${adapter.title} has no option for “${commonOption(name).label}” (${name}).`;
}

function unknownSentence(
  key: string,
  known: readonly EngineOption[],
  adapter: EngineAdapter,
): string {
  const keys = known.filter((option) => !option.reserved).map((option) => option.key);
  const near = nearest(key, keys);
  const hint = near === undefined ? '' : ` Did you mean ${near}?`;
  return `The installed ${adapter.id} has no option ${key}.${hint}`;
}

function brokenRule(
  option: EngineOption,
  value: OptionValue,
  hint: OptionHint,
): string | undefined {
  const { type, choices } = option;
  const text = String(value).trim();
  if (type === 'flag') {
    return /^(?:true|false)$/.test(text) ? undefined : 'must be true or false';
  }
  if (typeof value === 'boolean') return `needs a value, not ${text}`;
  if (type === 'choice') {
    return choices?.includes(text) ? undefined : `must be one of: ${choices?.join(', ')}`;
  }
  if (type === 'integer' || type === 'number') return brokenRange(type, text, hint);
  if (type === 'json' && !isJson(text)) return 'must be valid JSON, such as {"a": 1}';
  if (type === 'path' && text === '') return 'must not be empty';
  if (hint.pattern && !hint.pattern.test(text)) return `must look like ${hint.example}`;
  return undefined;
}

function brokenRange(
  type: 'integer' | 'number',
  text: string,
  { min, max }: OptionHint,
): string | undefined {
  const kind = type === 'integer' ? 'a whole number' : 'a number';
  const pattern = type === 'integer' ? /^[+-]?\d+$/ : /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
  const value = Number(text);
  const inRange = value >= (min ?? -Infinity) && value <= (max ?? Infinity);
  if (pattern.test(text) && inRange) return undefined;
  return `must be ${kind}${rangeInWords(min, max)}`;
}

function rangeInWords(min: number | undefined, max: number | undefined): string {
  if (min !== undefined && max !== undefined) return ` from ${min} to ${max}`;
  if (min !== undefined) return ` of at least ${min}`;
  return max === undefined ? '' : ` of at most ${max}`;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * What is wrong with free arguments: only flags that the manager sets itself are refused, everything
 * else is passed as typed and judged by the engine. argparse takes any unambiguous beginning of a
 * flag for the flag, so beginnings are refused too.
 */
export function checkExtraArgs(args: readonly string[], adapter: EngineAdapter): FieldProblem[] {
  return args.flatMap((arg, index) => {
    if (!/^--[^-]/.test(arg)) return [];
    const key = normaliseOptionKey(arg.split('=')[0] ?? '');
    const reserved = adapter.reserved.find((name) => name === key || name.startsWith(key));
    if (reserved === undefined) return [];
    const message = `The extra argument ${arg.split('=')[0]} isn't allowed: --${reserved} is set by MLX Manager.`;
    return [{ field: `extraArgs.${index}`, message }];
  });
}

/** The candidate with the smallest edit distance, when it is near enough to be a slip. */
function nearest(key: string, candidates: readonly string[]): string | undefined {
  const limit = Math.max(2, Math.floor(key.length / 3));
  const ranked = candidates
    .map((candidate) => ({ candidate, distance: editDistance(key, candidate) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  if (best && best.distance <= limit) return best.candidate;
  return candidates.find((candidate) => candidate.includes(key) || key.includes(candidate));
}

/** Levenshtein distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, change));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
