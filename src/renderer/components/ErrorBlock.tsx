import type { ReactNode } from 'react';

import { classNames } from './class-names';
import { StateGlyph } from './StateGlyph';

interface ErrorBlockProps {
  /** `off` for what is only missing, such as the network; `good` for what has mended itself. */
  readonly tone?: 'broken' | 'warning' | 'off' | 'good';
  /** What happened, one sentence. */
  readonly sentence: ReactNode;
  /** The numbers, one line. */
  readonly detail?: ReactNode;
  /** The primary fix first. */
  readonly actions?: ReactNode;
  readonly className?: string;
}

const TONES = {
  broken: { tint: 'bg-broken-tint', glyph: 'failed' },
  warning: { tint: 'bg-warning-tint', glyph: 'degraded' },
  off: { tint: 'bg-bg-group', glyph: 'info' },
  good: { tint: 'bg-ready-tint', glyph: 'ok' },
} as const;

/** A sentence, the numbers, and the buttons that fix it. Announced when it appears. */
export function ErrorBlock({
  tone = 'broken',
  sentence,
  detail,
  actions,
  className,
}: ErrorBlockProps) {
  const { tint, glyph } = TONES[tone];
  return (
    <div role="alert" className={classNames('flex gap-3 rounded-group p-4', tint, className)}>
      <StateGlyph glyph={glyph} size={18} className="mt-px" />
      <div className="selectable min-w-0 flex-1">
        <p className="text-sentence font-semibold wrap-anywhere">{sentence}</p>
        {detail && <div className="mt-1 text-base text-text-2 wrap-anywhere">{detail}</div>}
        {actions && <div className="mt-3 flex flex-wrap items-center gap-2">{actions}</div>}
      </div>
    </div>
  );
}

/** The sentence of anything that was thrown. */
export function errorSentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
