/** `*`, `<0.32.0`, `>=0.31 <0.31.3`: every part must hold. Numbers alone are compared. */
export function isInVersionRange(version: string, range: string): boolean {
  return range
    .trim()
    .split(/\s+/)
    .every((part) => holds(version, part));
}

/** What a range may look like; checked when the file is read. */
export const VERSION_RANGE =
  /^(?:\*|(?:<=?|>=?|=)\d+(?:\.\d+)*(?:\s+(?:<=?|>=?|=)\d+(?:\.\d+)*)*)$/;

function holds(version: string, part: string): boolean {
  if (part === '*') return true;
  // A registered program may not know its version.
  if (!/\d/.test(version)) return false;
  const [, sign = '=', wanted = ''] = /^(<=?|>=?|=)(.+)$/.exec(part) ?? [];
  const difference = compareVersions(version, wanted);
  switch (sign) {
    case '<':
      return difference < 0;
    case '<=':
      return difference <= 0;
    case '>':
      return difference > 0;
    case '>=':
      return difference >= 0;
    default:
      return difference === 0;
  }
}

/** Below, at or above 0 as `a` came before, with or after `b`: `0.9.1` before `0.10`. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [numbersOf(a), numbersOf(b)];
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function numbersOf(version: string): number[] {
  return (version.match(/\d+/g) ?? []).map(Number);
}
