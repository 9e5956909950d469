import {
  type KeyboardEvent,
  memo,
  type ReactNode,
  type Ref,
  useEffect,
  useId,
  useRef,
} from 'react';

import { classNames } from './class-names';
import { rowAfterKey } from './inspector-place';

export interface GridColumn<R> {
  readonly id: string;
  readonly head: ReactNode;
  readonly numeric?: boolean;
  /** E.g. when it is hidden; of its head and its cells. */
  readonly className?: string;
  readonly cell: (row: R) => ReactNode;
}

interface RowGridProps<R> {
  readonly label: string;
  readonly columns: readonly GridColumn<R>[];
  /** The classes of a grid that give the columns their widths. */
  readonly template: string;
  readonly rows: readonly R[];
  readonly idOf: (row: R) => string;
  readonly selected: string | undefined;
  /** The arrows came to it. */
  readonly onSelect: (id: string) => void;
  /** Clicked, or Enter: its details are wanted. */
  readonly onOpen: (id: string) => void;
  /** Esc. */
  readonly onClose?: (() => void) | undefined;
  readonly rowClassName?: string;
  readonly ref?: Ref<HTMLDivElement>;
}

/** Rows of 32 px in columns. The focus stays on the grid, which is one tab stop; the arrows move the choice. */
export function RowGrid<R>(props: RowGridProps<R>) {
  const { label, columns, template, rows, idOf, selected, onSelect, onOpen, onClose } = props;
  const { rowClassName = 'h-8', ref } = props;
  const id = useId();
  const chosen = rows.findIndex((row) => idOf(row) === selected);
  // Before anything is chosen the mark of the focus is at the first row.
  const at = Math.max(0, chosen);
  const handleKey = (event: KeyboardEvent): void => {
    if (event.target !== event.currentTarget) return;
    const here = rows[at];
    if (event.key === 'Enter' && here !== undefined) onOpen(idOf(here));
    if (event.key === 'Escape') onClose?.();
    const next = rows[rowAfterKey(event.key, chosen, rows.length) ?? -1];
    if (next === undefined) return;
    event.preventDefault();
    onSelect(idOf(next));
  };
  const line = classNames('grid items-center gap-3', template);
  return (
    // biome-ignore lint/a11y/useSemanticElements: its rows are laid out as a grid
    <div
      ref={ref}
      role="grid"
      aria-label={label}
      aria-rowcount={rows.length + 1}
      aria-activedescendant={rows.length === 0 ? undefined : `${id}-${at}`}
      tabIndex={0}
      onKeyDown={handleKey}
      onFocus={({ currentTarget }) => {
        // Come to by its keys; a click is where it is.
        if (!currentTarget.matches(':focus-visible')) return;
        document.getElementById(`${id}-${at}`)?.scrollIntoView({ block: 'nearest' });
      }}
      className="group focus-visible:outline-none"
    >
      {/* biome-ignore lint/a11y/useSemanticElements: see above */}
      {/* biome-ignore lint/a11y/useFocusableInteractive: the focus is the grid's */}
      <div
        role="row"
        className={classNames(
          line,
          'sticky top-0 z-[1] h-[26px] border-b border-sep bg-bg px-5 text-caption text-text-3',
        )}
      >
        {columns.map((column) => (
          // biome-ignore lint/a11y/useSemanticElements: see above
          // biome-ignore lint/a11y/useFocusableInteractive: see above
          <div
            key={column.id}
            role="columnheader"
            className={classNames('truncate', column.numeric && 'text-right', column.className)}
          >
            {column.head}
          </div>
        ))}
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: see above */}
      <div role="rowgroup" className="px-2 pt-1 pb-2">
        {rows.map((row, index) => (
          <GridRow
            key={idOf(row)}
            domId={`${id}-${index}`}
            row={row}
            columns={columns}
            className={classNames(line, rowClassName)}
            selected={index === chosen}
            marked={index === at}
            rowId={idOf(row)}
            onOpen={onOpen}
          />
        ))}
      </div>
    </div>
  );
}

interface GridRowProps<R> {
  readonly domId: string;
  readonly row: R;
  readonly rowId: string;
  readonly columns: readonly GridColumn<R>[];
  readonly className: string;
  readonly selected: boolean;
  /** The keys are at it. */
  readonly marked: boolean;
  readonly onOpen: (id: string) => void;
}

function GridRowOf<R>({
  domId,
  row,
  rowId,
  columns,
  className,
  selected,
  marked,
  onOpen,
}: GridRowProps<R>) {
  const line = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (selected) line.current?.scrollIntoView({ block: 'nearest' });
  }, [selected]);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the grid's
    // biome-ignore lint/a11y/useSemanticElements: see above
    // biome-ignore lint/a11y/useFocusableInteractive: the focus is the grid's, which names this row
    <div
      ref={line}
      id={domId}
      role="row"
      aria-selected={selected}
      onClick={() => onOpen(rowId)}
      className={classNames(
        className,
        'relative scroll-mt-[30px] cursor-default rounded-button px-3 text-small',
        marked && 'outline-accent group-focus-visible:outline-2',
        selected
          ? 'bg-accent-tint'
          : 'after:absolute after:inset-x-3 after:bottom-0 after:h-px after:bg-sep last:after:hidden',
      )}
    >
      {columns.map((column) => (
        // biome-ignore lint/a11y/useSemanticElements: see above
        // biome-ignore lint/a11y/useFocusableInteractive: see above
        <div
          key={column.id}
          role="gridcell"
          className={classNames('min-w-0', column.numeric && 'text-right', column.className)}
        >
          {column.cell(row)}
        </div>
      ))}
    </div>
  );
}

/** Drawn again when it changes, not when others come. */
const GridRow = memo(GridRowOf) as typeof GridRowOf;
