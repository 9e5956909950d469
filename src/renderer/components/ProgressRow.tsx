import { X } from 'lucide-react';
import type { ReactNode } from 'react';

import { IconButton } from './Button';
import { ProgressBar } from './Meter';
import { type Glyph, StateGlyph } from './StateGlyph';

interface ProgressRowProps {
  readonly glyph: Glyph;
  readonly phase: ReactNode;
  /** How much, e.g. `4.7 of 7.5 GB`. */
  readonly amount?: ReactNode;
  /** Speed and time, at the right. */
  readonly right?: ReactNode;
  /** 0 to 1; without it there is no bar. */
  readonly fraction?: number | undefined;
  readonly label: string;
  readonly onCancel?: (() => void) | undefined;
}

/** One line of work under way: phase, amount, speed and time, with a bar and Cancel. */
export function ProgressRow({
  glyph,
  phase,
  amount,
  right,
  fraction,
  label,
  onCancel,
}: ProgressRowProps) {
  return (
    <div>
      <div className="flex h-[26px] items-center gap-2">
        <StateGlyph glyph={glyph} />
        <span className="truncate">{phase}</span>
        {amount && <span className="truncate text-small text-text-2">{amount}</span>}
        <span className="ml-auto shrink-0 text-small text-text-2">{right}</span>
        {onCancel && (
          <IconButton writes label={`Cancel ${label}`} size="small" onClick={onCancel}>
            <X size={14} strokeWidth={1.5} />
          </IconButton>
        )}
      </div>
      {fraction !== undefined && <ProgressBar fraction={fraction} label={label} />}
    </div>
  );
}
