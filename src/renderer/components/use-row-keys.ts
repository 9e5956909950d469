import { type KeyboardEvent, type RefObject, useRef, useState } from 'react';

import { rowAfterKey } from './inspector-place';

interface RowKeys<T extends HTMLElement> {
  /** Of the list. */
  readonly ref: RefObject<T | null>;
  readonly onKeyDown: (event: KeyboardEvent) => void;
  /** Of each row's own control, which has the attribute `data-row` with the row's id. */
  readonly tabIndexOf: (id: string) => 0 | -1;
}

/**
 * One tab stop for a list: the arrows move within it.
 * @param at the row where Tab stops until another one was gone to; without it, the first.
 */
export function useRowKeys<T extends HTMLElement>(
  ids: readonly string[],
  at?: string,
  onMove?: (id: string) => void,
): RowKeys<T> {
  const ref = useRef<T>(null);
  const [moved, setMoved] = useState<string>();
  const stop = [at, moved].find((id) => id !== undefined && ids.includes(id)) ?? ids[0];
  return {
    ref,
    onKeyDown: (event) => {
      const from = event.target instanceof HTMLElement ? event.target.dataset.row : undefined;
      if (from === undefined || event.altKey || event.metaKey || event.ctrlKey) return;
      const next = ids[rowAfterKey(event.key, ids.indexOf(from), ids.length) ?? -1];
      if (next === undefined) return;
      event.preventDefault();
      setMoved(next);
      onMove?.(next);
      const rows = ref.current?.querySelectorAll<HTMLElement>('[data-row]') ?? [];
      [...rows].find((row) => row.dataset.row === next)?.focus();
    },
    tabIndexOf: (id) => (id === stop ? 0 : -1),
  };
}
