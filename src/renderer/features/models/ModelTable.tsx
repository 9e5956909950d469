import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type Ref, useEffect, useId, useImperativeHandle, useRef } from 'react';

import { classNames } from '@renderer/components/class-names';
import { rowAfterKey } from '@renderer/components/inspector-place';
import type { MenuItem } from '@renderer/components/Menu';
import { isMac } from '@renderer/components/platform';
import { type RowSelection, type SelectionStep, stepOf } from '@renderer/components/row-selection';
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
  readonly selection: RowSelection;
  /** A click or an arrow came to a row. */
  readonly onSelect: (ref: string, step: SelectionStep) => void;
  readonly onSelectAll: () => void;
  /** A plain click, or Enter: the details of what is chosen are wanted. */
  readonly onOpen: () => void;
  /** Delete or Backspace, for all that is chosen. */
  readonly onDelete: () => void;
  /** What a right click on a row offers. */
  readonly menuOf: (model: Model) => readonly (MenuItem | 'separator')[];
  /** Esc: of several chosen rows one is enough, or the details are in the way. */
  readonly onEscape: () => void;
  /** It takes all the height there is; else only that of its rows. */
  readonly fills: boolean;
  readonly ref?: Ref<HTMLElement | null>;
}

const HEADER_PX = 24;

/**
 * The library: one row of 58 px per model, of which only those in sight are drawn. The focus stays on the
 * table; the arrows move the choice, and with Shift they stretch it.
 */
export function ModelTable(props: ModelTableProps) {
  const { models, activity, sort, selection, onSelect, onOpen, fills } = props;
  const id = useId();
  const scroller = useRef<HTMLTableElement>(null);
  useImperativeHandle<HTMLElement | null, HTMLElement | null>(props.ref, () => scroller.current);
  const at = models.findIndex((model) => model.ref === selection.lead);
  const chosen = new Set(selection.ids);
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
  }, [selection.lead, virtual]);
  const handleKey = (event: KeyboardEvent): void => {
    // What is typed at a button of a row or a header is for that.
    if (event.target !== event.currentTarget) return;
    const command = isMac() ? event.metaKey : event.ctrlKey;
    if (command && event.key.toLowerCase() === 'a') {
      event.preventDefault();
      props.onSelectAll();
    }
    if (event.metaKey || event.ctrlKey) return;
    if (event.key === 'Escape') props.onEscape();
    if (at >= 0 && event.key === 'Enter') onOpen();
    if (at >= 0 && (event.key === 'Delete' || event.key === 'Backspace')) props.onDelete();
    const next = models[rowAfterKey(event.key, at, models.length) ?? -1];
    if (!next) return;
    event.preventDefault();
    onSelect(next.ref, event.shiftKey ? 'range' : 'only');
  };
  return (
    <table
      ref={scroller}
      // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a grid is a table that has the focus
      role="grid"
      aria-label="Models"
      aria-multiselectable
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
                selected={chosen.has(model.ref)}
                isLead={index === at}
                isOneOfMany={chosen.size > 1 && chosen.has(model.ref)}
                onClick={(event) => {
                  const step = stepOf(event, isMac());
                  onSelect(model.ref, step);
                  if (step === 'only') onOpen();
                }}
                menu={props.menuOf(model)}
              />
            )
          );
        })}
      </tbody>
    </table>
  );
}
