/** The one spelling of an option's name: no leading dashes, `_` and `-` the same, lower case. */
export function normaliseOptionKey(key: string): string {
  return key.trim().replace(/^-+/, '').replaceAll('_', '-').toLowerCase();
}
