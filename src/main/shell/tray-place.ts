import type { Place } from './place-window';

/** A display, and what of it the menu bar and the Dock leave. */
export interface DisplayPlace {
  readonly bounds: Place;
  readonly workArea: Place;
}

/** The menu bar is this high, in points, on a display with a camera housing; on others it has 24 or 25. */
const NOTCHED_BAR = 32;
/** How far the camera housing reaches to each side of the middle, in points. */
const NOTCH_REACH = 100;

/**
 * Whether the menu-bar icon can be seen. macOS gives an icon that it has no room for, or that the person
 * switched off, no size or a place outside every display; one that it has pushed under the camera housing has
 * an ordinary place, behind which nobody sees it.
 */
export function isTrayReachable(bounds: Place, displays: readonly DisplayPlace[]): boolean {
  if (bounds.width <= 0 || bounds.height <= 0) return false;
  const middle = bounds.x + bounds.width / 2;
  const display = displays.find(
    ({ bounds: { x, y, width, height } }) =>
      middle >= x && middle < x + width && bounds.y >= y && bounds.y < y + height,
  );
  return display !== undefined && !isUnderNotch(middle, display);
}

function isUnderNotch(middle: number, { bounds, workArea }: DisplayPlace): boolean {
  const bar = workArea.y - bounds.y;
  return bar >= NOTCHED_BAR && Math.abs(middle - (bounds.x + bounds.width / 2)) <= NOTCH_REACH;
}
