import { isSecretName, MASK } from './domain/secret';
import { showHidden } from './format/hidden-characters';

const SHOWN_CHARACTERS = 100;

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

function inQuotes(text: string): string {
  const characters = [...text.slice(0, 2 * SHOWN_CHARACTERS)];
  const isCut = text.length > SHOWN_CHARACTERS && characters.length > SHOWN_CHARACTERS;
  const shown = showHidden(JSON.stringify(characters.slice(0, SHOWN_CHARACTERS).join('')));
  return isCut ? `${shown.slice(0, -1)}..."` : shown;
}
