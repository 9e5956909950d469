import type { LogLine } from '@shared/domain/log';
import type { FilteredLog } from './filtered-log';
import type { LogWindow } from './log-window';

/** What a list of log lines shows, row by row. */
export interface LogRows {
  /** What the rows are of: with another one the view keeps its place in the log, not in the list. */
  readonly of: object;
  readonly count: number;
  /** False while rows are still to come that belong before the end. */
  readonly complete: boolean;
  /** A row's line: null when it is not kept any more, undefined while it is fetched. */
  readonly line: (index: number) => LogLine | null | undefined;
  readonly number: (index: number) => number;
  /** The row of a line, or of the next one that has a row. */
  readonly indexOf: (n: number) => number;
  /** Whether a row takes no place. */
  readonly isHidden: (index: number) => boolean;
  /** Changes with the rows that take no place. */
  readonly hidden: number;
  /** Fetches the rows in sight. */
  readonly want: (from: number, to: number) => void;
}

/** Every line of a run has a row; those about checks take no place unless they are asked for. */
export function allRows(log: LogWindow, checks: boolean): LogRows {
  const { firstLine, endLine } = log.extent;
  return {
    of: log,
    count: Math.max(0, endLine - firstLine),
    complete: true,
    line: (index) => log.line(firstLine + index),
    number: (index) => firstLine + index,
    indexOf: (n) => Math.max(0, n - firstLine),
    isHidden: (index) => !checks && log.isCheck(firstLine + index),
    hidden: checks ? 0 : log.checks,
    want: (from, to) => log.want(firstLine + from, firstLine + to, checks),
  };
}

/** Only the lines that pass have a row. */
export function filteredRows(log: FilteredLog): LogRows {
  const { lines } = log;
  return {
    of: log,
    count: lines.length,
    complete: log.fraction === 1,
    line: (index) => lines[index],
    number: (index) => lines[index]?.n ?? 0,
    indexOf: (n) => Math.min(firstAtOrAfter(lines, n), Math.max(0, lines.length - 1)),
    isHidden: () => false,
    hidden: 0,
    want: () => undefined,
  };
}

function firstAtOrAfter(lines: readonly LogLine[], n: number): number {
  let low = 0;
  let high = lines.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((lines[middle]?.n ?? 0) < n) low = middle + 1;
    else high = middle;
  }
  return low;
}
