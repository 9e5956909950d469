import { Pencil } from 'lucide-react';

import { classNames } from './class-names';

interface UnsavedMarkProps {
  /** What a screen reader says of it. */
  readonly label?: string;
  readonly className?: string;
}

/** Something was typed here that is not saved yet. */
export function UnsavedMark({ label = 'unsaved changes', className }: UnsavedMarkProps) {
  return (
    <span
      className={classNames('inline-flex shrink-0 items-center text-accent-text', className)}
      title="Unsaved changes"
    >
      <Pencil aria-hidden="true" size={12} strokeWidth={1.75} />
      <span className="sr-only"> {label}</span>
    </span>
  );
}
