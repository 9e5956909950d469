/** Height of a row in the list of profiles, whatever is in it. */
export const ROW_PX = 76;

/** The profile ids with one moved by `step`; undefined when it is at the end already. */
export function movedIds(
  ids: readonly string[],
  id: string,
  step: -1 | 1,
): readonly string[] | undefined {
  const to = ids.indexOf(id) + step;
  return to < 0 || to >= ids.length ? undefined : placedIds(ids, ids, id, to);
}

/**
 * All ids with one put where it stands at `index` among those shown; a search may hide the others, which
 * keep their places. Undefined when nothing moves.
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

/** The place of a row that was dragged to `top` px below the first row's place. */
export function indexAt(top: number, count: number): number {
  return Math.max(0, Math.min(count - 1, Math.round(top / ROW_PX)));
}

/** Px by which another row makes way while one is dragged from its place to another. */
export function shiftOf(index: number, from: number, to: number): number {
  if (from < index && index <= to) return -ROW_PX;
  if (to <= index && index < from) return ROW_PX;
  return 0;
}
