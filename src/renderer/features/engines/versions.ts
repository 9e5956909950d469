import type { AvailableEngine, Installation, OptionDrift } from '@shared/domain/engine';

/** Whether version `a` came before `b`, by their numbers: `0.9.1` before `0.10.0`. */
export function isOlder(a: string, b: string): boolean {
  const left = numbersOf(a);
  const right = numbersOf(b);
  for (let at = 0; at < Math.max(left.length, right.length); at += 1) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

function numbersOf(version: string): number[] {
  return (version.match(/\d+/g) ?? []).map(Number);
}

/** What changed between two versions' options, a line each. */
export function driftLines({ added, removed, changed }: OptionDrift): string[] {
  return [
    ...added.map((key) => `New option: ${key}`),
    ...removed.map((key) => `Removed option: ${key}`),
    ...changed.map(({ key, what, before, after }) => `${key}: ${what} was ${before}, is ${after}`),
  ];
}

/** The version to update to: not the one in use, and not one that is kept and can be put in use as it is. */
export function newerVersion(
  { version }: AvailableEngine,
  installations: readonly Installation[],
): string | undefined {
  if (version === null || !installations.some((one) => one.inUse)) return undefined;
  // A version that failed its self-test may be tried again.
  const isKept = installations.some((one) => one.version === version && one.state === 'ready');
  return isKept ? undefined : version;
}
