import { memo, type ReactNode } from 'react';

import { classNames } from '@renderer/components/class-names';
import type { LogLine } from '@shared/domain/log';
import { formatLogTime } from '@shared/format/dates';
import { rankOfLine } from '@shared/rank-of-line';

/** The text with the search's matches marked. */
function marked(text: string, query: string, current: boolean): ReactNode {
  if (query === '') return text;
  const lower = text.toLowerCase();
  const needle = query.toLowerCase();
  const parts: ReactNode[] = [];
  let from = 0;
  for (let at = lower.indexOf(needle); at >= 0; at = lower.indexOf(needle, from)) {
    const end = at + needle.length;
    parts.push(
      text.slice(from, at),
      <mark
        key={at}
        className={
          current
            ? 'rounded-tag bg-match-current text-match-current-text'
            : 'rounded-tag bg-match text-text-1'
        }
      >
        {text.slice(at, end)}
      </mark>,
    );
    from = end;
  }
  parts.push(text.slice(from));
  return parts;
}

const LEVELS = {
  error: { row: 'bg-broken-tint', text: 'text-broken-text' },
  warning: { row: '', text: 'text-warning-text' },
  info: { row: '', text: '' },
} as const;

function sourceOf({ source, text }: LogLine, ranked: boolean): string {
  if (source === 'manager') return 'manager';
  if (source === 'probe') return 'check';
  const rank = ranked ? rankOfLine(text) : undefined;
  return rank === undefined ? '' : `rank ${rank}`;
}

interface LogLineViewProps {
  readonly line: LogLine;
  readonly wrap: boolean;
  /** Which of several ranks wrote it, where its text tells. */
  readonly ranked?: boolean;
  readonly query?: string;
  /** The search stands at this line. */
  readonly current?: boolean;
}

/** Time, source and text of one line. */
export const LogLineView = memo(function LogLineView({
  line,
  wrap,
  ranked = false,
  query = '',
  current = false,
}: LogLineViewProps) {
  const level = LEVELS[line.level ?? 'info'];
  return (
    <div
      className={classNames(
        'selectable flex min-h-[18px] px-3 font-mono text-log',
        level.row,
        current && 'bg-accent-tint',
      )}
    >
      <span className="w-[92px] shrink-0 text-text-3">{formatLogTime(line.time)}</span>
      <span className="w-[58px] shrink-0 text-accent-text narrow:hidden">
        {sourceOf(line, ranked)}
      </span>
      <span
        className={classNames(
          wrap ? 'min-w-0 wrap-anywhere whitespace-pre-wrap' : 'whitespace-pre',
          level.text,
        )}
      >
        {marked(line.text, query, current)}
      </span>
    </div>
  );
});
