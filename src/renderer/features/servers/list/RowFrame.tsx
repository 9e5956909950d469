import type { KeyboardEvent, ReactElement, ReactNode } from 'react';

import { classNames } from '@renderer/components/class-names';
import { LazyContextMenu } from '@renderer/components/Menu';
import type { RowDrag } from './use-row-drag';

interface RowFrameProps {
  readonly selected: boolean;
  readonly glyph: ReactNode;
  readonly onSelect: () => void;
  readonly onKeyDown?: (event: KeyboardEvent) => void;
  /** Lines 1 to 3. */
  readonly children: ReactNode;
  /** Controls that stand over the row: the fix of a failure and the button at the end. */
  readonly controls?: ReactNode;
  readonly id: string;
  readonly drag?: RowDrag;
  readonly tabStop?: boolean;
  /** What a right click offers. */
  readonly menu?: ReactElement;
}

/** 76 px, whatever is in it. The whole row selects; its controls stand above that. */
export function RowFrame(props: RowFrameProps) {
  const {
    selected,
    glyph,
    onSelect,
    onKeyDown,
    children,
    controls,
    id,
    drag,
    menu,
    tabStop = true,
  } = props;
  const { offset = 0, held = false, glides = false } = drag ?? {};
  const row = (
    <li
      {...drag?.handlers}
      style={offset ? { transform: `translateY(${offset}px)` } : undefined}
      className={classNames(
        'group relative mx-2 h-[76px] rounded-row',
        selected && !held
          ? 'bg-accent-tint'
          : 'before:absolute before:right-2 before:-bottom-px before:left-[37px] before:h-px before:bg-sep last:before:hidden',
        held && 'z-10 cursor-grabbing bg-bg-pop shadow-pop before:hidden [&_*]:cursor-grabbing',
        glides && 'motion-safe:transition-transform motion-safe:duration-[120ms]',
      )}
    >
      <button
        type="button"
        data-row={id}
        aria-current={selected || undefined}
        tabIndex={tabStop ? 0 : -1}
        onClick={onSelect}
        onKeyDown={onKeyDown}
        className="absolute inset-0 flex gap-[11px] rounded-row px-3 py-2 pr-[47px] text-left focus-visible:-outline-offset-2"
      >
        <span className="flex h-[21px] items-center">{glyph}</span>
        <span className="flex min-w-0 flex-1 flex-col gap-px">{children}</span>
      </button>
      {controls}
    </li>
  );
  return menu ? <LazyContextMenu content={menu}>{row}</LazyContextMenu> : row;
}

/** One of the three lines of a row. */
export function Line({
  left,
  right,
  className,
}: {
  readonly left: ReactNode;
  readonly right?: ReactNode;
  readonly className: string;
}) {
  return (
    <span className={classNames('flex min-w-0 items-center justify-between gap-2', className)}>
      {left}
      {right}
    </span>
  );
}
