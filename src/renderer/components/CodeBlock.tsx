import type { ReactNode } from 'react';

import { classNames } from './class-names';
import { CopyButton } from './CopyButton';

interface CodeBlockProps {
  readonly children: ReactNode;
  /** What the copy button puts on the clipboard; without it there is none. */
  readonly copy?: string | undefined;
  readonly copyLabel?: string;
  readonly label: string;
  /** Where its container is narrow, three lines of it are enough; the rest is scrolled to. */
  readonly low?: boolean;
}

const LOW =
  'focus-visible:-outline-offset-2 @max-[700px]:max-h-[60px] @max-[700px]:overflow-y-auto @max-[700px]:py-1.5 @max-[700px]:rounded-segment';

/** Mono text on a fill, selectable, with a copy button. */
export function CodeBlock(props: CodeBlockProps) {
  const { children, copy, copyLabel = 'Copy', label, low = false } = props;
  return (
    <section aria-label={label} className="relative rounded-segment bg-bg-group">
      <pre
        // The keys scroll it.
        tabIndex={low ? 0 : undefined}
        className={classNames(
          'selectable p-3 pr-10 font-mono text-small wrap-anywhere whitespace-pre-wrap',
          low && LOW,
        )}
      >
        {children}
      </pre>
      {copy !== undefined && (
        <span className="absolute top-2 right-2">
          <CopyButton text={copy} label={copyLabel} />
        </span>
      )}
    </section>
  );
}
