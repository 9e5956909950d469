import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useLayoutEffect, useRef } from 'react';

import type { LogRows } from './log-rows';
import { LogLineView } from './LogLineView';

const LINE_PX = 18;

interface LogListProps {
  readonly label: string;
  readonly rows: LogRows;
  readonly wrap: boolean;
  /** Of several ranks. */
  readonly ranked: boolean;
  readonly query: string;
  /** The line that the search stands at. */
  readonly current: number | undefined;
  /** Stays at the end while lines come. */
  readonly follow: boolean;
  readonly onFollow: (follow: boolean) => void;
}

/** The lines in sight. A component of its own, so that scrolling renders nothing else. */
export function LogList(props: LogListProps) {
  const { label, rows, wrap, ranked, query, current, follow, onFollow } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const lastTop = useRef(0);
  /** Number of the line in the middle of what is seen. */
  const middle = useRef<number>(undefined);
  const virtual = useVirtualizer({
    count: rows.count,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => (rows.isHidden(index) ? 0 : LINE_PX),
    rangeExtractor: (range) =>
      defaultRangeExtractor(range).filter((index) => !rows.isHidden(index)),
    overscan: 6,
  });
  const items = virtual.getVirtualItems();
  const from = items[0]?.index ?? 0;
  const to = items.at(-1)?.index ?? 0;
  useEffect(() => rows.want(from, to));

  const height = virtual.scrollRect?.height;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new end or height is the reason to scroll
  useLayoutEffect(() => {
    const element = scroller.current;
    if (follow && element) element.scrollTop = element.scrollHeight;
  }, [follow, rows.of, rows.count, rows.hidden, wrap, height]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a row's height depends on both
  useLayoutEffect(() => {
    virtual.measure();
    if (wrap) for (const element of virtual.elementsCache.values()) virtual.measureElement(element);
  }, [wrap, rows.hidden, virtual]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: only other rows move the view
  useLayoutEffect(() => {
    if (follow || !rows.complete || middle.current === undefined) return;
    virtual.scrollToIndex(rows.indexOf(middle.current), { align: 'center' });
  }, [rows.of, rows.complete, rows.hidden, virtual]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: only another match moves the view
  useEffect(() => {
    if (current === undefined) return;
    onFollow(false);
    virtual.scrollToIndex(rows.indexOf(current), { align: 'center' });
  }, [current, virtual]);

  const handleScroll = (): void => {
    const element = scroller.current;
    // While rows are missing the list is shorter, and this scroll does not come from the person.
    if (!element || !rows.complete) return;
    const atEnd = element.scrollHeight - element.scrollTop - element.clientHeight < LINE_PX;
    const up = element.scrollTop < lastTop.current - 1;
    if (atEnd || (up && follow)) onFollow(atEnd);
    lastTop.current = element.scrollTop;
    // Taken from the list itself: the last render shows what was seen before this scroll.
    const seen = virtual.getVirtualItemForOffset(element.scrollTop + element.clientHeight / 2);
    if (seen) middle.current = rows.number(seen.index);
  };

  return (
    <section
      ref={scroller}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling part must be reachable
      tabIndex={0}
      aria-label={label}
      onScroll={handleScroll}
      className="h-full overflow-auto contain-strict focus-visible:-outline-offset-2"
    >
      <div className="relative w-full" style={{ height: virtual.getTotalSize() }}>
        {items.map((item) => {
          const line = rows.line(item.index);
          return (
            <div
              key={item.key}
              data-index={item.index}
              ref={wrap ? virtual.measureElement : undefined}
              className={
                wrap ? 'absolute inset-x-0 top-0' : 'absolute top-0 left-0 w-max min-w-full'
              }
              style={{ transform: `translateY(${item.start}px)` }}
            >
              {line ? (
                <LogLineView {...{ line, wrap, ranked, query }} current={line.n === current} />
              ) : (
                <div className="h-[18px] px-3 font-mono text-log text-text-3">
                  {line === null ? 'not kept' : ''}
                </div>
              )}
            </div>
          );
        })}
      </div>
    </section>
  );
}
