/** A native menu is as wide as its longest line. */
const LINE = 44;

/** A sentence in lines of a menu's width, at most three. */
export function wrapped(text: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of plainLine(text, 400).split(' ')) {
    if (line !== '' && line.length + word.length + 1 > LINE) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  lines.push(line);
  const [first = '', second, third, ...rest] = lines.map((one) => menuText(one, LINE));
  const last = rest.length > 0 && third ? `${third}…` : third;
  return [first, second, last].filter((one) => one !== undefined);
}

/**
 * A text from outside (a profile's name, a log's words) as a menu shows it: on one line, of bounded length, and
 * with `&` doubled, which Electron reads as the mark of a mnemonic.
 */
export function menuText(text: string, limit = 60): string {
  return plainLine(text, limit).replaceAll('&', '&&');
}

/** The most of a name that a line with numbers behind it shows. */
const NAME = 36;

/** A name before numbers: it shortens in the middle, so that the numbers and the end of the name stay. */
export function menuName(text: string): string {
  const line = plainLine(text, 400);
  if (line.length <= NAME) return menuText(line);
  const half = (NAME - 1) / 2;
  return menuText(`${line.slice(0, Math.ceil(half))}…${line.slice(-Math.floor(half))}`);
}

function plainLine(text: string, limit: number): string {
  const line = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').trim();
  return line.length > limit ? `${line.slice(0, limit - 1)}…` : line;
}
