/** From 1200 px on the inspector has a column of its own; below, it lies over the table. */
export type InspectorPlace = 'column' | 'overlay';

/** What the person last chose, and in which layout; a choice made in one layout does not count in the other. */
export interface InspectorChoice {
  readonly place: InspectorPlace;
  readonly open: boolean;
}

/**
 * Whether the inspector is open. Without a choice it is open where it has room: a window that becomes small gives the
 * table its width back, and one that grows shows the details again.
 */
export function inspectorOpen(place: InspectorPlace, choice: InspectorChoice | undefined): boolean {
  return choice?.place === place ? choice.open : place === 'column';
}

/** How many rows Page Up and Page Down move. */
const PAGE = 8;

/** The row that a key goes to, from one that may not be chosen yet (-1); undefined for other keys. */
export function rowAfterKey(key: string, at: number, count: number): number | undefined {
  const last = count - 1;
  switch (key) {
    case 'ArrowDown':
      return Math.min(last, at + 1);
    case 'ArrowUp':
      return Math.max(0, at - 1);
    case 'PageDown':
      return Math.min(last, at + PAGE);
    case 'PageUp':
      return Math.max(0, at - PAGE);
    case 'Home':
      return 0;
    case 'End':
      return last;
  }
}
