import type { ReactNode } from 'react';

import { CopyButton } from './CopyButton';

interface CodeBlockProps {
  readonly children: ReactNode;
  /** What the copy button puts on the clipboard; without it there is none. */
  readonly copy?: string | undefined;
  readonly copyLabel?: string;
  readonly label: string;
}

/** Mono text on a fill, selectable, with a copy button. */
export function CodeBlock({ children, copy, copyLabel = 'Copy', label }: CodeBlockProps) {
  return (
    <section aria-label={label} className="relative rounded-segment bg-bg-group">
      <pre className="selectable p-3 pr-10 font-mono text-small wrap-anywhere whitespace-pre-wrap">
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
