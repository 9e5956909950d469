import { type ReactNode, type Ref, useState } from 'react';

import { classNames } from './class-names';

interface ToolbarProps {
  readonly title?: ReactNode;
  readonly subtitle?: ReactNode;
  /** Before the title. */
  readonly leading?: ReactNode;
  /** At the right. */
  readonly children?: ReactNode;
  readonly line?: boolean;
  readonly className?: string;
}

/** The 52 px strip at the top of a pane; in the desktop window it moves the window. */
export function Toolbar({
  title,
  subtitle,
  leading,
  children,
  line = false,
  className,
}: ToolbarProps) {
  return (
    <header
      className={classNames(
        'app-drag flex h-13 shrink-0 items-center gap-2 border-b px-5 transition-colors duration-[120ms]',
        line ? 'border-sep' : 'border-transparent',
        className,
      )}
    >
      {leading}
      <div className="min-w-0 flex-1">
        {title && <h1 className="truncate text-toolbar font-semibold">{title}</h1>}
        {subtitle && <p className="truncate text-caption text-text-3">{subtitle}</p>}
      </div>
      {children}
    </header>
  );
}

interface PaneProps {
  readonly toolbar?: Omit<ToolbarProps, 'line'>;
  readonly label?: string;
  readonly className?: string;
  readonly bodyClassName?: string;
  /** The part that scrolls. */
  readonly bodyRef?: Ref<HTMLDivElement>;
  /** The body does not scroll as a whole: its parts do. A focus ring at its edge is drawn whole. */
  readonly fixed?: boolean;
  readonly children: ReactNode;
}

/** A column of the window: its toolbar stays, its body scrolls, and a line appears when it has. */
export function Pane({
  toolbar,
  label,
  className,
  bodyClassName,
  bodyRef,
  fixed = false,
  children,
}: PaneProps) {
  const [scrolled, setScrolled] = useState(false);
  return (
    <section
      aria-label={label}
      className={classNames('flex h-full min-h-0 min-w-0 flex-col', className)}
    >
      {toolbar && <Toolbar {...toolbar} line={scrolled} />}
      <div
        ref={bodyRef}
        data-scrolls={fixed ? undefined : ''}
        onScroll={(event) => {
          if (event.target === event.currentTarget) setScrolled(event.currentTarget.scrollTop > 0);
        }}
        className={classNames(
          'min-h-0 flex-1',
          fixed ? 'overflow-clip [overflow-clip-margin:4px]' : 'relative overflow-y-auto',
          bodyClassName,
        )}
      >
        {children}
      </div>
    </section>
  );
}

interface SectionProps {
  readonly title?: ReactNode;
  readonly right?: ReactNode;
  readonly children: ReactNode;
  readonly first?: boolean;
  /** Its title stays in sight while a long list below it scrolls. */
  readonly sticky?: boolean;
}

/** A part of a page; a hairline divides it from the one above. */
export function Section({ title, right, children, first = false, sticky = false }: SectionProps) {
  return (
    <section className={first ? '' : 'mt-[18px] border-t border-sep pt-4'}>
      {(title || right) && (
        <div
          className={classNames(
            'flex min-h-[18px] items-center justify-between gap-3',
            sticky ? 'sticky top-0 z-[1] -mt-1 mb-1 bg-bg-list py-1' : 'mb-2',
          )}
        >
          <h2 className="font-semibold">{title}</h2>
          <div className="text-small text-text-2">{right}</div>
        </div>
      )}
      {children}
    </section>
  );
}
