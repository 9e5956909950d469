import type { ReactNode } from 'react';

import { classNames } from './class-names';
import { type Family, type Glyph, glyphFamily, StateGlyph } from './StateGlyph';

const TINTS: Readonly<Record<Family, string>> = {
  ready: 'bg-ready-tint text-ready-text',
  working: 'bg-working-tint text-working-text',
  warning: 'bg-warning-tint text-warning-text',
  broken: 'bg-broken-tint text-broken-text',
  off: 'bg-off-tint text-off-text',
};

interface BadgeProps {
  readonly glyph: Glyph;
  readonly small?: boolean;
  readonly children: ReactNode;
}

/** A state as a pill: glyph, word and the tint of its family. */
export function Badge({ glyph, small = false, children }: BadgeProps) {
  return (
    <span
      className={classNames(
        'inline-flex shrink-0 items-center gap-1.5 rounded-full font-medium whitespace-nowrap',
        small ? 'h-[18px] px-1.5 text-caption' : 'h-[22px] px-2 text-small',
        TINTS[glyphFamily(glyph)],
      )}
    >
      <StateGlyph glyph={glyph} size={small ? 11 : 13} />
      {children}
    </span>
  );
}
