import type { ComponentProps } from 'react';

import { classNames } from './class-names';

interface CellProps {
  readonly numeric?: boolean;
}

interface HeadProps extends CellProps {
  /** It stays in sight while the rows below it scroll. */
  readonly sticky?: boolean;
}

/** A plain table with hairlines; numbers stand right. */
export function Table({ className, ...rest }: ComponentProps<'table'>) {
  return (
    <table
      {...rest}
      className={classNames('w-full border-collapse text-left text-small', className)}
    />
  );
}

/** A column's header. */
export function Th({
  numeric = false,
  sticky = false,
  className,
  ...rest
}: ComponentProps<'th'> & HeadProps) {
  return (
    <th
      scope="col"
      {...rest}
      className={classNames(
        'h-6 pr-3 text-caption font-normal text-text-3 last:pr-0',
        // A border of a collapsed table scrolls away with its row; a shadow stays with the cell.
        sticky
          ? 'sticky top-0 z-[1] bg-bg shadow-[inset_0_-1px_0_var(--sep)]'
          : 'border-b border-sep',
        numeric && 'text-right',
        className,
      )}
    />
  );
}

/** A cell. */
export function Td({ numeric = false, className, ...rest }: ComponentProps<'td'> & CellProps) {
  return (
    <td
      {...rest}
      className={classNames(
        'h-7 border-b border-sep pr-3 last:pr-0',
        numeric && 'text-right',
        className,
      )}
    />
  );
}
