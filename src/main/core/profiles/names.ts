const MAX_CHARACTERS = 80;

/** Names that are equal for people: case and Unicode form do not count. */
export function sameName(a: string, b: string): boolean {
  return fold(a) === fold(b);
}

function fold(name: string): string {
  return name.trim().normalize('NFC').toLowerCase();
}

/** A free name for a copy: `Qwen copy`, `Qwen copy 2`; never longer than 80 characters. */
export function copyName(name: string, taken: readonly string[]): string {
  const base = name.replace(/ copy(?: \d+)?$/, '');
  for (let number = 1; ; number++) {
    const suffix = number === 1 ? ' copy' : ` copy ${number}`;
    const room = MAX_CHARACTERS - suffix.length;
    const candidate = `${[...base].slice(0, room).join('').trimEnd()}${suffix}`;
    if (!taken.some((other) => sameName(other, candidate))) return candidate;
  }
}
