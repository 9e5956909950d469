import { ChevronRight } from 'lucide-react';
import { type ReactNode, useId, useState } from 'react';

import { classNames } from './class-names';

interface DisclosureProps {
  readonly title: ReactNode;
  /** What is inside, in a few words, at the right. */
  readonly summary?: ReactNode;
  readonly open?: boolean;
  readonly onOpenChange?: (open: boolean) => void;
  readonly className?: string;
  readonly children: ReactNode;
}

/** A part that is opened on demand. */
export function Disclosure({
  title,
  summary,
  open,
  onOpenChange,
  className,
  children,
}: DisclosureProps) {
  const [own, setOwn] = useState(false);
  const id = useId();
  const shown = open ?? own;
  const toggle = () => {
    setOwn(!shown);
    onOpenChange?.(!shown);
  };
  return (
    <div className={className}>
      <button
        type="button"
        aria-expanded={shown}
        aria-controls={id}
        onClick={toggle}
        className="flex min-h-10 w-full items-center gap-1.5 rounded-field text-left"
      >
        <ChevronRight
          aria-hidden="true"
          size={14}
          strokeWidth={1.75}
          className={classNames(
            'shrink-0 transition-transform duration-[160ms]',
            shown && 'rotate-90',
          )}
        />
        <span className="font-semibold">{title}</span>
        <span className="ml-auto text-small text-text-3">{summary}</span>
      </button>
      <div id={id} hidden={!shown}>
        {shown && children}
      </div>
    </div>
  );
}
