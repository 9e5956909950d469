import { isSecretName, MASK } from './domain/secret';

const SHOWN_CHARACTERS = 100;
/** What a terminal obeys or a reader is fooled by. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is shown by number
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/**
 * A refused value in a sentence: enough to know it again, never more than a line of it, never a secret.
 * `path` is where it stood.
 */
export function describeValue(value: unknown, path: readonly string[] = []): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value))
    return value.length === 0 ? 'an empty list' : `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  if (typeof value !== 'string') return String(value);
  return mayBeSecret(path) ? MASK : inQuotes(value);
}

/** The name of a setting is called "key" and is none. */
function mayBeSecret(path: readonly string[]): boolean {
  if (path.includes('env') || path.includes('extraArgs')) return true;
  return path.some((part, index) => isSecretName(part) && !(index === 0 && part === 'key'));
}

/** The text with what cannot be seen shown by its number. */
export function printable(text: string): string {
  return text.replace(
    UNPRINTABLE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function inQuotes(text: string): string {
  const characters = [...text.slice(0, 2 * SHOWN_CHARACTERS)];
  const isCut = text.length > SHOWN_CHARACTERS && characters.length > SHOWN_CHARACTERS;
  const shown = printable(JSON.stringify(characters.slice(0, SHOWN_CHARACTERS).join('')));
  return isCut ? `${shown.slice(0, -1)}..."` : shown;
}
