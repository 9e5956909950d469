/** A rectangle on the desktop, in the system's points. */
export interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The screens are made for 1440 x 900 and usable from 900 x 600. */
export const SMALLEST = { width: 900, height: 600 } as const;
const USUAL = { width: 1240, height: 800 } as const;

/** So much of the window must be on a display to be taken hold of. */
const GRIP = 80;

/**
 * Where the window opens: where it was, when enough of it is still on a display; otherwise in the middle
 * of the first display, in the size it had, as far as that fits. A display may have been unplugged.
 */
export function placeWindow(saved: Place | undefined, workAreas: readonly Place[]): Place {
  const first = workAreas[0] ?? { x: 0, y: 0, ...USUAL };
  const wanted = saved ?? { ...USUAL, x: Number.NaN, y: Number.NaN };
  const area = workAreas.find((one) => isHeld(wanted, one));
  const on = area ?? first;
  const width = Math.max(Math.min(wanted.width, on.width), Math.min(SMALLEST.width, on.width));
  const height = Math.max(Math.min(wanted.height, on.height), Math.min(SMALLEST.height, on.height));
  if (area) return { x: wanted.x, y: wanted.y, width, height };
  return {
    x: Math.round(on.x + (on.width - width) / 2),
    y: Math.round(on.y + (on.height - height) / 2),
    width,
    height,
  };
}

/** Whether the window's title bar can be reached on this display. */
function isHeld(place: Place, area: Place): boolean {
  const across = Math.min(place.x + place.width, area.x + area.width) - Math.max(place.x, area.x);
  return across >= GRIP && place.y >= area.y && place.y <= area.y + area.height - GRIP;
}
