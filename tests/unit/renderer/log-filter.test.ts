import {
  EVERY_LINE,
  filterName,
  matching,
  passes,
  showsAll,
} from '@renderer/features/servers/logs/log-filter';
import type { LogLine } from '@shared/domain/log';
import { describe, expect, it } from 'vitest';

const line = (n: number, fields: Partial<LogLine> = {}): LogLine => ({
  n,
  time: '2026-11-23T14:00:00.000Z',
  source: 'engine',
  text: `line ${n}`,
  ...fields,
});
const warning = line(1, { level: 'warning' });
const error = line(2, { level: 'error' });
const note = line(3, { source: 'manager' });

describe('a filter of log lines', () => {
  it('leaves nothing out at first', () => {
    expect(showsAll(EVERY_LINE)).toBe(true);
    for (const one of [line(0), warning, error, note]) expect(passes(one, EVERY_LINE)).toBe(true);
  });

  it('shows what is at least as grave as its level', () => {
    const lines = [line(0), warning, error, note];
    const shown = (level: 'warning' | 'error') =>
      lines.filter((one) => passes(one, { ...EVERY_LINE, level }));
    expect(shown('warning')).toEqual([warning, error]);
    expect(shown('error')).toEqual([error]);
  });

  it('shows the lines of one source', () => {
    expect(passes(note, { ...EVERY_LINE, source: 'manager' })).toBe(true);
    expect(passes(error, { ...EVERY_LINE, source: 'manager' })).toBe(false);
    expect(passes(error, { ...EVERY_LINE, level: 'error', source: 'engine' })).toBe(true);
  });

  it('leaves out what tells of checks, until they are asked for', () => {
    const check = line(4, { source: 'probe' });
    expect(passes(check, EVERY_LINE)).toBe(false);
    expect(passes(check, { ...EVERY_LINE, checks: true })).toBe(true);
    expect(passes(check, { ...EVERY_LINE, checks: true, source: 'engine' })).toBe(false);
  });

  it('says what it looks for', () => {
    expect(filterName({ ...EVERY_LINE, level: 'warning' })).toBe('warning or error');
    expect(filterName({ ...EVERY_LINE, source: 'manager' })).toBe('line from MLX Manager');
  });

  it('finds text whatever its case', () => {
    expect(matching([line(4, { text: 'Prompt Cache' }), line(5)], 'prompt c')).toEqual([4]);
  });
});
