import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual';
import { Check } from 'lucide-react';
import { useEffect, useRef } from 'react';

import { classNames } from './class-names';
import { ShortenedName } from './ShortenedName';
import type { OptionLine, SearchOption } from './search-options';

const GROUP_PX = 24;
const OPTION_PX = 26;
/** One that cannot be chosen says why on a line of its own. */
const REFUSED_PX = 40;
const EDGE_PX = 4;

function heightOf(line: OptionLine | undefined): number {
  if (line?.kind !== 'option') return GROUP_PX;
  return line.option.reason === undefined ? OPTION_PX : REFUSED_PX;
}

interface SearchSelectListProps {
  readonly id: string;
  readonly label: string;
  readonly lines: readonly OptionLine[];
  /** The number of the option that Enter would choose. */
  readonly active: number;
  readonly value: string;
  readonly onPoint: (number: number) => void;
  readonly onChoose: (option: SearchOption) => void;
}

/** The options of a pop-up, of which only those in sight are drawn: there may be a thousand. */
export function SearchSelectList(props: SearchSelectListProps) {
  const { id, label, lines, active, value, onPoint, onChoose } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const at = lines.findIndex((line) => line.kind === 'option' && line.number === active);
  const count = lines.filter(({ kind }) => kind === 'option').length;
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => heightOf(lines[index]),
    overscan: 4,
    paddingStart: EDGE_PX,
    paddingEnd: EDGE_PX,
    // Of the first option of a group, its name stays in sight too.
    scrollPaddingStart: GROUP_PX,
    // The field names it as what has the focus.
    rangeExtractor: (range) => {
      const drawn = defaultRangeExtractor(range);
      return at < 0 || drawn.includes(at) ? drawn : [...drawn, at].toSorted((a, b) => a - b);
    },
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: other lines have other heights
  useEffect(() => virtual.measure(), [virtual, lines]);
  useEffect(() => {
    if (at >= 0) virtual.scrollToIndex(at, { align: 'auto' });
  }, [at, virtual]);
  return (
    <div
      ref={scroller}
      id={id}
      role="listbox"
      aria-label={label}
      className="max-h-[min(340px,var(--radix-popover-content-available-height,340px))] overflow-y-auto"
    >
      <div
        role="presentation"
        className="relative mx-1"
        style={{ height: lines.length === 0 ? 0 : virtual.getTotalSize() }}
      >
        {virtual.getVirtualItems().map(({ index, start, size }) => {
          const line = lines[index];
          if (!line) return null;
          const place = { height: size, transform: `translateY(${start}px)` };
          if (line.kind === 'group') {
            return (
              <div
                key={`group-${line.name}`}
                role="presentation"
                className="absolute inset-x-0 top-0 px-2 pt-1.5 text-caption font-medium text-text-2"
                style={place}
              >
                {line.name}
              </div>
            );
          }
          const { option, number } = line;
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the field's
            // biome-ignore lint/a11y/useFocusableInteractive: the focus is the field's, which names this option
            <div
              key={option.value}
              id={`${id}-${number}`}
              role="option"
              aria-selected={number === active}
              aria-disabled={option.reason !== undefined || undefined}
              aria-setsize={count}
              aria-posinset={number + 1}
              onClick={() => onChoose(option)}
              onPointerMove={() => number !== active && onPoint(number)}
              className={classNames(
                'absolute inset-x-0 top-0 flex flex-col justify-center rounded-field px-2',
                option.reason !== undefined && 'text-disabled',
                number === active &&
                  (option.reason === undefined ? 'bg-accent-fill text-white' : 'bg-fill-1'),
              )}
              style={place}
            >
              <OptionText option={option} chosen={option.value === value} />
            </div>
          );
        })}
      </div>
    </div>
  );
}

function OptionText({
  option,
  chosen,
}: {
  readonly option: SearchOption;
  readonly chosen: boolean;
}) {
  const { label, detail, reason } = option;
  return (
    <>
      <span className="flex min-w-0 items-center gap-2">
        <span className="w-3.5 shrink-0">
          {chosen && <Check aria-label="Chosen" size={14} strokeWidth={2} />}
        </span>
        <span className="min-w-0 flex-1">
          <ShortenedName name={label} />
        </span>
        {detail && <span className="shrink-0 text-small tabular-nums">{detail}</span>}
      </span>
      {reason && <span className="truncate pl-[22px] text-caption">{reason}</span>}
    </>
  );
}
