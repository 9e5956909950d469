import { ChevronDown, ChevronUp } from 'lucide-react';

import { classNames } from '@renderer/components/class-names';
import type { Sort, SortColumn } from './library';

/** Columns of the table: two of them only where there is room for them. */
export const COLUMNS =
  'grid grid-cols-[minmax(0,1fr)_64px_64px_176px] items-center gap-3 @min-[680px]:grid-cols-[minmax(0,1fr)_64px_52px_64px_84px_190px]';
/** A cell of those two. */
export const ROOMY = 'hidden @min-[680px]:block';

interface Column {
  readonly column: SortColumn;
  readonly label: string;
  readonly roomy?: boolean;
}

const HEADERS: readonly Column[] = [
  { column: 'name', label: 'Model' },
  { column: 'size', label: 'Size' },
  { column: 'context', label: 'Context', roomy: true },
  { column: 'usedBy', label: 'Used by' },
  { column: 'lastUsed', label: 'Last used', roomy: true },
  { column: 'state', label: 'State' },
];

interface ModelHeaderProps {
  readonly sort: Sort;
  readonly onSort: (column: SortColumn) => void;
  readonly height: number;
}

/** The names of the columns; each puts the table in its order. */
export function ModelHeader({ sort, onSort, height }: ModelHeaderProps) {
  return (
    <thead className="sticky top-0 z-[1] block bg-bg" style={{ height }}>
      <tr
        aria-rowindex={1}
        className={classNames(COLUMNS, 'h-full border-b border-sep px-5 text-caption text-text-3')}
      >
        {HEADERS.map(({ column, label, roomy }) => {
          const isSorted = sort.column === column;
          const Arrow = sort.descending ? ChevronDown : ChevronUp;
          const order = sort.descending ? 'descending' : 'ascending';
          return (
            <th
              key={column}
              scope="col"
              aria-sort={isSorted ? order : 'none'}
              className={classNames('min-w-0 text-left font-normal', roomy && ROOMY)}
            >
              <button
                type="button"
                onClick={() => onSort(column)}
                className={classNames(
                  'flex max-w-full items-center gap-1 rounded-tag whitespace-nowrap hover:text-text-1',
                  isSorted && 'text-text-2',
                )}
              >
                {label}
                {isSorted && <Arrow aria-hidden="true" size={11} strokeWidth={1.75} />}
              </button>
            </th>
          );
        })}
      </tr>
    </thead>
  );
}
