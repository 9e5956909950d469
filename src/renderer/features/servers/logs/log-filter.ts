import type { LogLine } from '@shared/domain/log';

/** Which lines of a log are shown. */
export interface LogFilter {
  /** The least grave level that is shown: `warning` shows errors too. */
  readonly level: 'all' | 'warning' | 'error';
  readonly source: 'all' | 'engine' | 'manager';
  /** Whether lines about requests with which the manager checks the server are among them. */
  readonly checks: boolean;
}

export const EVERY_LINE: LogFilter = { level: 'all', source: 'all', checks: false };

/** Whether the filter leaves nothing out but checks, which a list of all lines passes over itself. */
export function showsAll({ level, source }: LogFilter): boolean {
  return level === 'all' && source === 'all';
}

export function passes(line: LogLine, { level, source, checks }: LogFilter): boolean {
  if (isCheck(line) && !checks) return false;
  if (source !== 'all' && line.source !== source) return false;
  if (level === 'all') return true;
  return line.level === 'error' || (level === 'warning' && line.level === 'warning');
}

/** Whether the line tells of a request with which the manager checked the server. */
export function isCheck({ source }: LogLine): boolean {
  return source === 'probe';
}

/** Numbers of the lines that contain the text, as the manager's own search finds them. */
export function matching(lines: readonly LogLine[], query: string): number[] {
  const needle = query.toLowerCase();
  return lines.filter(({ text }) => text.toLowerCase().includes(needle)).map(({ n }) => n);
}

const WHAT = { all: 'line', warning: 'warning or error', error: 'error' } as const;
const WHOSE = { all: '', engine: ' from the engine', manager: ' from MLX Manager' } as const;

/** What the filter looks for, e.g. `error of the engine`. */
export function filterName({ level, source }: LogFilter): string {
  return `${WHAT[level]}${WHOSE[source]}`;
}
