import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type Ref, useEffect, useId, useImperativeHandle, useRef } from 'react';

import { classNames } from '@renderer/components/class-names';
import { rowAfterKey } from '@renderer/components/inspector-place';
import type { MenuItem } from '@renderer/components/Menu';
import type { Activity } from '@renderer/domain/models/use-in-use';
import type { Model } from '@shared/domain/model';
import type { Sort, SortColumn } from './library';
import { ModelHeader } from './ModelHeader';
import { ModelRow, ROW_PX } from './ModelRow';

interface ModelTableProps {
  readonly models: readonly Model[];
  readonly activity: Activity;
  readonly sort: Sort;
  readonly onSort: (column: SortColumn) => void;
  readonly selected: string | undefined;
  /** The arrows came to it. */
  readonly onSelect: (ref: string) => void;
  /** Clicked, or Enter: its details are wanted. */
  readonly onOpen: (ref: string) => void;
  readonly onDelete: (model: Model) => void;
  /** What a right click on a row offers. */
  readonly menuOf: (model: Model) => readonly (MenuItem | 'separator')[];
  /** Esc: the details are in the way. */
  readonly onClose: () => void;
  /** It takes all the height there is; else only that of its rows. */
  readonly fills: boolean;
  readonly ref?: Ref<HTMLElement | null>;
}

const HEADER_PX = 24;

/**
 * The library: one row of 58 px per model, of which only those in sight are drawn. The focus stays on the
 * table; the arrows move the choice.
 */
export function ModelTable(props: ModelTableProps) {
  const { models, activity, sort, selected, onSelect, onOpen, onDelete, onClose, fills } = props;
  const id = useId();
  const scroller = useRef<HTMLTableElement>(null);
  useImperativeHandle<HTMLElement | null, HTMLElement | null>(props.ref, () => scroller.current);
  const at = models.findIndex((model) => model.ref === selected);
  const virtual = useVirtualizer({
    count: models.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    getItemKey: (index) => models[index]?.ref ?? index,
    overscan: 6,
    scrollMargin: HEADER_PX,
    scrollPaddingStart: HEADER_PX + 8,
    paddingStart: 8,
    // The undo of a deletion may lie over the last row.
    paddingEnd: fills ? 64 : 8,
    // The chosen one stays: the table names it as what has the focus.
    rangeExtractor: (range) => {
      const rows = defaultRangeExtractor(range);
      return at < 0 || rows.includes(at) ? rows : [...rows, at].toSorted((a, b) => a - b);
    },
  });
  const place = useRef(at);
  place.current = at;
  // biome-ignore lint/correctness/useExhaustiveDependencies: only another choice moves the view
  useEffect(() => {
    if (place.current >= 0) virtual.scrollToIndex(place.current, { align: 'auto' });
  }, [selected, virtual]);
  const handleKey = (event: KeyboardEvent): void => {
    // What is typed at a button of a row or a header is for that.
    if (event.target !== event.currentTarget || event.metaKey || event.ctrlKey) return;
    const model = models[at];
    if (event.key === 'Escape') onClose();
    if (model && event.key === 'Enter') onOpen(model.ref);
    if (model && (event.key === 'Delete' || event.key === 'Backspace')) onDelete(model);
    const next = models[rowAfterKey(event.key, at, models.length) ?? -1];
    if (!next) return;
    event.preventDefault();
    onSelect(next.ref);
  };
  return (
    <table
      ref={scroller}
      // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a grid is a table that has the focus
      role="grid"
      aria-label="Models"
      aria-rowcount={models.length + 1}
      aria-activedescendant={at < 0 ? undefined : `${id}-${at}`}
      tabIndex={0}
      onKeyDown={handleKey}
      className={classNames(
        'group @container relative block min-h-0 overflow-y-auto focus-visible:outline-none',
        fills ? 'flex-1' : 'shrink-0',
      )}
    >
      <ModelHeader sort={sort} onSort={props.onSort} height={HEADER_PX} />
      <tbody className="relative mx-2 block" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start, key }) => {
          const model = models[index];
          return (
            model && (
              <ModelRow
                key={key}
                id={`${id}-${index}`}
                index={index}
                top={start - HEADER_PX}
                isLast={index === models.length - 1}
                model={model}
                activity={activity}
                selected={index === at}
                onOpen={onOpen}
                menu={props.menuOf(model)}
              />
            )
          );
        })}
      </tbody>
    </table>
  );
}
