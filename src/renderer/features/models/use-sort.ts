import { useState } from 'react';

import { nextSort, parseSort, type Sort, type SortColumn, sortText } from './library';

const KEY = 'models.sort';

/** The order of the table, kept for as long as the window is. */
export function useSort(): [Sort, (column: SortColumn) => void] {
  const [sort, setSort] = useState(() => parseSort(window.sessionStorage.getItem(KEY)));
  const choose = (column: SortColumn): void => {
    const next = nextSort(sort, column);
    window.sessionStorage.setItem(KEY, sortText(next));
    setSort(next);
  };
  return [sort, choose];
}
