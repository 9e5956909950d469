import type { ReactNode } from 'react';

import { classNames } from '@renderer/components/class-names';
import { StateGlyph } from '@renderer/components/StateGlyph';

interface StepProps {
  readonly number: number;
  readonly title: string;
  /** `open`: waits for the person; `current`: is under way; `waiting`: for other steps. */
  readonly state: 'open' | 'current' | 'done' | 'waiting';
  readonly right?: ReactNode;
  /** No line leads on from it. */
  readonly last?: boolean;
  readonly children: ReactNode;
}

const MARKS: Readonly<Record<StepProps['state'], string>> = {
  open: 'border-[1.5px] border-accent-fill text-accent-text',
  current: 'bg-accent-fill text-white',
  done: 'bg-ready-tint text-text-2',
  waiting: 'bg-fill-2 text-text-2',
};

/** One step: its number, its title, and what there is to do. */
export function Step({ number, title, state, right, last = false, children }: StepProps) {
  return (
    <li
      className={classNames(
        'relative flex gap-4 pb-8',
        !last && 'before:absolute before:top-9 before:bottom-2.5 before:left-[12.5px] before:w-px',
        !last && 'before:bg-border',
      )}
    >
      <span
        aria-hidden
        className={classNames(
          'flex size-[26px] shrink-0 items-center justify-center rounded-full text-small font-semibold',
          MARKS[state],
        )}
      >
        {state === 'done' ? <StateGlyph glyph="ok" size={16} /> : number}
      </span>
      <div className="min-w-0 flex-1 pt-1">
        <div className="flex items-baseline justify-between gap-3">
          <h3 className="text-toolbar font-semibold">{title}</h3>
          <span className="text-small text-text-2">{right}</span>
        </div>
        <div className="mt-1.5">{children}</div>
      </div>
    </li>
  );
}
