import { resolve } from 'node:path';

import { InvalidArgumentError } from 'commander';

import { DomainError } from '@shared/errors';

/** Parser of a whole number in a range, for an option's value. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (!/^-?\d+$/.test(text.trim()) || number < min || number > max) {
      throw new InvalidArgumentError(`Enter a whole number from ${min} to ${max}.`);
    }
    return number;
  };
}

/** Parser of any number, for an option's value; its limits are the profile's own. */
export function anyNumber(text: string): number {
  const number = Number(text);
  if (text.trim() === '' || !Number.isFinite(number)) {
    throw new InvalidArgumentError('Enter a number.');
  }
  return number;
}

/** Parser of bytes per second: a number, or one with K, M or G (thousands). */
export function byteRate(text: string): number {
  const found = /^(\d+(?:\.\d+)?)\s*([kmg])?b?$/i.exec(text.trim());
  const factor = { k: 1e3, m: 1e6, g: 1e9 }[found?.[2]?.toLowerCase() ?? ''] ?? 1;
  const bytes = Number(found?.[1]) * factor;
  if (!found || bytes < 1) {
    throw new InvalidArgumentError('Enter bytes per second, such as 500K or 10M.');
  }
  return bytes;
}

/** A path from where the command runs. Empty is a variable that was not set, never this very folder. */
export function givenPath(text: string, cwd: string): string {
  if (text.trim() === '') throw new DomainError('usage', 'The path must not be empty.');
  return resolve(cwd, text);
}

/** Parser of an option that may be given several times. */
export function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

/** Whether `--json` is among the words, other than as the word after `--arg`. */
export function wantsJson(argv: readonly string[]): boolean {
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at];
    if (word === '--') return false;
    if (word === '--arg') at++;
    else if (word === '--json') return true;
  }
  return false;
}
