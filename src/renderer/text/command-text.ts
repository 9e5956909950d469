/** The command with one option a line. */
export function commandLines(argv: readonly string[]): string {
  const quoted = argv.map((part) => (/^[\w@%+=:,./-]+$/.test(part) ? part : JSON.stringify(part)));
  return quoted.reduce((text, part) => {
    if (text === '') return part;
    return part.startsWith('--') ? `${text}\n  ${part}` : `${text} ${part}`;
  }, '');
}
