/** Height of a row in the list of profiles, whatever is in it. */
export const ROW_PX = 76;

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
