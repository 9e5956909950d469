import { type PointerEvent, useEffect, useRef, useState } from 'react';

import { indexAt, ROW_PX, shiftOf } from './row-place';

/** A press that moves less than this is a click. */
const THRESHOLD_PX = 5;

interface Drag {
  readonly id: string;
  /** Where the row's top is, below the first row's place. */
  readonly top: number;
  /** The row was dropped, and the manager has been asked for the new order. */
  readonly dropped: boolean;
}

interface Press {
  readonly id: string;
  readonly y: number;
  /** From the row's top to the pointer. */
  readonly grip: number;
}

/** What a row needs to be dragged. */
export interface RowDrag {
  /** Distance from the row's place to where it is drawn (under the pointer, or making way), px. */
  readonly offset: number;
  readonly held: boolean;
  /** Whether the row glides. Off at the drop: the order changes then, and a glide would move the row twice. */
  readonly glides: boolean;
  /** The same for every row, and always the same: it is the event that says which row it is. */
  readonly handlers: RowHandlers;
}

interface RowHandlers {
  readonly onPointerDown: (event: PointerEvent<HTMLElement>) => void;
  readonly onPointerMove: (event: PointerEvent<HTMLElement>) => void;
  readonly onPointerUp: () => void;
  readonly onPointerCancel: () => void;
  readonly onClickCapture: (event: { preventDefault(): void; stopPropagation(): void }) => void;
}

/**
 * Dragging rows with the mouse, in a positioned list of rows of one height. A finger scrolls the list instead, and
 * the keyboard has Alt with the arrows. Esc lets go.
 */
export function useRowDrag(
  ids: readonly string[],
  onDrop: (id: string, index: number) => Promise<void>,
): (id: string) => RowDrag {
  const [drag, setDrag] = useState<Drag>();
  const press = useRef<Press>(undefined);
  const dragged = useRef(false);
  const held = drag !== undefined;
  useEffect(() => {
    if (!held) return;
    const letGo = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape') return;
      event.preventDefault();
      event.stopPropagation();
      press.current = undefined;
      setDrag(undefined);
    };
    window.addEventListener('keydown', letGo, true);
    return () => window.removeEventListener('keydown', letGo, true);
  }, [held]);

  const hold = (event: PointerEvent<HTMLElement>): void => {
    // The button may have been let go outside of the row.
    if ((event.buttons & 1) === 0) press.current = undefined;
    const { current } = press;
    if (!current) return;
    const far = Math.abs(event.clientY - current.y) >= THRESHOLD_PX;
    if (!held && !far) return;
    if (!held) event.currentTarget.setPointerCapture(event.pointerId);
    dragged.current = true;
    const row = event.currentTarget;
    const list = row.parentElement;
    const first = list?.firstElementChild;
    if (!list || !(first instanceof HTMLElement)) return;
    // Measured from the list, because the first row may be the one that is moved.
    const origin = list.getBoundingClientRect().top + first.offsetTop;
    const most = (ids.length - 1) * ROW_PX;
    const top = Math.max(0, Math.min(most, event.clientY - current.grip - origin));
    setDrag({ id: current.id, top, dropped: false });
    list.children[indexAt(top, ids.length)]?.scrollIntoView({ block: 'nearest' });
  };
  const drop = async (): Promise<void> => {
    press.current = undefined;
    if (!drag || drag.dropped) return;
    const index = indexAt(drag.top, ids.length);
    // Until the manager has the new order the row stays where it was dropped, so that it does not jump back.
    setDrag({ id: drag.id, top: index * ROW_PX, dropped: true });
    await onDrop(drag.id, index);
    setDrag((now) => (now?.dropped ? undefined : now));
  };

  const offset = (id: string): number => {
    if (!drag) return 0;
    const from = ids.indexOf(drag.id);
    if (drag.id === id) return drag.top - from * ROW_PX;
    return from < 0 ? 0 : shiftOf(ids.indexOf(id), from, indexAt(drag.top, ids.length));
  };
  const newest = useRef({ hold, drop });
  newest.current = { hold, drop };
  const [handlers] = useState(
    (): RowHandlers => ({
      onPointerDown: (event) => {
        dragged.current = false;
        const row =
          event.target instanceof Element
            ? event.target.closest<HTMLElement>('[data-row]')
            : undefined;
        if (event.pointerType !== 'mouse' || event.button !== 0 || !row?.dataset.row) return;
        const grip = event.clientY - event.currentTarget.getBoundingClientRect().top;
        press.current = { id: row.dataset.row, y: event.clientY, grip };
      },
      onPointerMove: (event) => newest.current.hold(event),
      onPointerUp: () => {
        void newest.current.drop();
        // Not every drop is followed by a click; without this the next real click would be swallowed.
        setTimeout(() => {
          dragged.current = false;
        });
      },
      onPointerCancel: () => {
        press.current = undefined;
        setDrag(undefined);
      },
      // The browser reports the end of a drag as a click.
      onClickCapture: (event) => {
        if (!dragged.current) return;
        dragged.current = false;
        event.preventDefault();
        event.stopPropagation();
      },
    }),
  );
  return (id) => ({
    offset: offset(id),
    held: drag?.id === id,
    glides: drag !== undefined && !drag.dropped && drag.id !== id,
    handlers,
  });
}
