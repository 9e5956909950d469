import { DomainError } from '../errors';

/** Letters that XML cannot hold, and the line breaks and tabs that nobody means. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNWRITABLE = /[\u0000-\u001f\u007f-\u009f\ufffe\uffff]|\p{Surrogate}/u;

/**
 * A text in a property list (launchd.plist(5)), as `string` or `key`. `what` it is, for the sentence.
 * @throws DomainError validation for a text that XML cannot hold.
 */
export function plistText(what: string, value: string, tag: 'string' | 'key' = 'string'): string {
  const found = UNWRITABLE.exec(value)?.[0];
  if (found !== undefined) {
    const code = found.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
    throw new DomainError(
      'validation',
      `Can't create a service with ${what} ${JSON.stringify(value)}: it holds the character U+${code}, and a property list can only contain printable characters.`,
    );
  }
  const safe = value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return `<${tag}>${safe}</${tag}>`;
}
