import type { Place } from './place-window';

/**
 * Whether the menu-bar icon can be seen. macOS gives an icon that it has no room for, or that the person
 * switched off, no size or a place outside every display.
 */
export function isTrayReachable(bounds: Place, displays: readonly Place[]): boolean {
  if (bounds.width <= 0 || bounds.height <= 0) return false;
  const middle = bounds.x + bounds.width / 2;
  return displays.some(
    ({ x, y, width, height }) =>
      middle >= x && middle < x + width && bounds.y >= y && bounds.y < y + height,
  );
}
