/** The ids with one moved by `step`; undefined when it is at the end already. */
export function movedIds(
  ids: readonly string[],
  id: string,
  step: -1 | 1,
): readonly string[] | undefined {
  const to = ids.indexOf(id) + step;
  return to < 0 || to >= ids.length ? undefined : placedIds(ids, ids, id, to);
}

/**
 * All ids, with `id` moved so that it is at `index` among the rows shown. Rows that a search hides keep
 * their places. Undefined when nothing moves.
 */
export function placedIds(
  all: readonly string[],
  shown: readonly string[],
  id: string,
  index: number,
): readonly string[] | undefined {
  if (!all.includes(id) || shown.indexOf(id) === index) return undefined;
  const others = all.filter((other) => other !== id);
  const neighbours = shown.filter((other) => other !== id);
  const next = neighbours[index];
  const last = neighbours.at(-1);
  if (last === undefined) return undefined;
  const at = next === undefined ? others.indexOf(last) + 1 : others.indexOf(next);
  return [...others.slice(0, at), id, ...others.slice(at)];
}

/** What takes the place of a row that is gone: the one that came after it, else the one before. */
export function neighbourOf(
  before: readonly string[],
  now: readonly string[],
  gone: string,
): string | undefined {
  const at = before.indexOf(gone);
  const isThere = (id: string): boolean => now.includes(id);
  return before.slice(at + 1).find(isThere) ?? before.slice(0, Math.max(at, 0)).findLast(isThere);
}
