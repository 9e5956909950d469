import { DomainError } from '@shared/errors';

interface Named {
  readonly id: string;
  readonly name: string;
}

/**
 * The one that the text names: its name (case does not count), its id, or an unambiguous prefix of the
 * id. Throws `not_found` with the near names.
 */
export function findNamed<T extends Named>(what: string, all: readonly T[], text: string): T {
  const wanted = fold(text);
  const exact = all.find((one) => one.id === text) ?? all.find((one) => fold(one.name) === wanted);
  if (exact) return exact;
  const begun = text === '' ? [] : all.filter((one) => one.id.startsWith(text));
  const [only] = begun;
  if (only && begun.length === 1) return only;
  if (begun.length > 1) {
    const names = begun.map((one) => `${one.name} (${one.id})`);
    throw new DomainError('not_found', `"${text}" matches several ids: ${names.join(', ')}.`, {
      data: { near: begun.map((one) => one.name) },
    });
  }
  const near = nearNames(all, wanted);
  const hint = near.length === 0 ? '' : ` Did you mean ${near.join(', ')}?`;
  throw new DomainError('not_found', `There is no ${what} "${text}".${hint}`, { data: { near } });
}

/** At most five names that contain the text or differ by a few letters. */
function nearNames(all: readonly Named[], wanted: string): string[] {
  const limit = Math.max(2, Math.floor(wanted.length / 3));
  return all
    .map(({ name }) => ({ name, distance: nearness(fold(name), wanted) }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 5)
    .map(({ name }) => name);
}

function nearness(name: string, wanted: string): number {
  if (wanted !== '' && (name.includes(wanted) || wanted.includes(name))) return 0;
  return editDistance(name, wanted);
}

/** Levenshtein distance, one row at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, change));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

function fold(text: string): string {
  return text.trim().normalize('NFC').toLowerCase();
}
