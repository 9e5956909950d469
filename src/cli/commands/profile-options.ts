import { hubNameIn } from '@shared/domain/hub-address';
import { resolve } from 'node:path';

import type { EngineOption } from '@shared/domain/engine';
import type { OptionValue } from '@shared/domain/profile';
import { DomainError } from '@shared/errors';

/** `KEY=VALUE` of `--set`, the key as the contract has it. */
export interface Assignment {
  readonly key: string;
  readonly value: string | undefined;
}

/** Cuts `KEY=VALUE`; leading dashes are dropped, `_` is `-`. */
export function parseSet(text: string): Assignment {
  const [key, value] = cut(text);
  const name = optionKey(key);
  if (name === '') throw new DomainError('usage', `--set takes KEY=VALUE, not "${text}".`);
  return { key: name, value };
}

/** Cuts `NAME=VALUE`; the name stays as it is typed. */
export function parseEnv(text: string): readonly [string, string] {
  const [name, value] = cut(text);
  if (name === '' || value === undefined) {
    throw new DomainError('usage', `--env takes NAME=VALUE, not "${text}".`);
  }
  return [name, value];
}

/** An option's key as the contract has it. */
export function optionKey(text: string): string {
  return text.replace(/^-+/, '').replaceAll('_', '-').trim();
}

/**
 * The value in the type that the installed engine's option has, or the likeliest one where it is not
 * known. What does not fit the type stays text: the check of the profile says what is allowed.
 */
export function typedValue(
  { key, value }: Assignment,
  options: readonly EngineOption[],
  cwd: string,
): OptionValue {
  const option = options.find((one) => optionKey(one.key) === key);
  if (value === undefined) return true;
  switch (option?.type) {
    case 'flag':
      return booleanOf(value) ?? value;
    case 'integer':
    case 'number':
      return numberOf(value) ?? value;
    case 'path':
      return /^\.\.?(?:\/|$)/.test(value) ? resolve(cwd, value) : value;
    case 'text':
    case 'choice':
    case 'json':
    case 'list':
      return value;
    case undefined:
      return guess(value);
  }
}

/** A model as a profile stores it: what looks like a folder becomes absolute. */
export function modelRef(text: string, cwd: string): string {
  const named = hubNameIn(text);
  if (named) return named.ref;
  return /^(?:\.{0,2}\/|\.{1,2}$)/.test(text) ? resolve(cwd, text) : text;
}

function guess(value: string): OptionValue {
  if (value === 'true' || value === 'false') return value === 'true';
  return numberOf(value) ?? value;
}

function booleanOf(value: string): boolean | undefined {
  const word = value.toLowerCase();
  if (['true', 'yes', 'on', '1'].includes(word)) return true;
  if (['false', 'no', 'off', '0'].includes(word)) return false;
  return undefined;
}

function numberOf(value: string): number | undefined {
  const number = Number(value);
  return value.trim() !== '' && Number.isFinite(number) ? number : undefined;
}

function cut(text: string): readonly [string, string | undefined] {
  const at = text.indexOf('=');
  return at === -1 ? [text.trim(), undefined] : [text.slice(0, at).trim(), text.slice(at + 1)];
}
