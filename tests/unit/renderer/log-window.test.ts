import { allRows } from '@renderer/features/servers/logs/log-rows';
import { LogWindow } from '@renderer/features/servers/logs/log-window';
import type { LogLine, LogPage, LogRun } from '@shared/domain/log';
import { describe, expect, it, vi } from 'vitest';

const line = (n: number): LogLine => ({
  n,
  time: '2026-11-23T14:00:00.000Z',
  source: 'engine',
  text: `line ${n}`,
});
const runOf = (endLine: number, firstLine = 0): LogRun => ({
  run: 1,
  startedAt: '2026-11-23T14:00:00.000Z',
  outcome: 'running',
  bytes: 0,
  firstLine,
  endLine,
});

/** A log of `end` lines, with how often it was read. */
function logOf(end: number, first = 0) {
  const read = vi.fn(async (from: number, limit: number): Promise<LogPage> => {
    const until = Math.min(end, from + limit);
    const numbers = Array.from({ length: Math.max(0, until - from) }, (_, i) => from + i);
    return { run: runOf(end, first), lines: numbers.filter((n) => n >= first).map(line) };
  });
  return { read, window: new LogWindow(runOf(end, first), read) };
}
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('a window on a log', () => {
  it('reads the page that is looked at, once', async () => {
    const { read, window } = logOf(100_000);
    window.want(70_010, 70_060);
    window.want(70_010, 70_060);
    await settled();
    window.want(70_010, 70_060);
    expect(read).toHaveBeenCalledTimes(1);
    expect(window.line(70_033)?.text).toBe('line 70033');
    expect(window.line(10)).toBeUndefined();
  });

  it('never holds more than its pages', async () => {
    const { window } = logOf(100_000);
    for (let at = 0; at < 100_000; at += 500) {
      window.want(at, at + 10);
      await settled();
    }
    let held = 0;
    for (let n = 0; n < 100_000; n++) if (window.line(n)) held++;
    expect(held).toBeLessThanOrEqual(16 * 500);
    expect(window.line(99_505)?.n).toBe(99_505);
  });

  it('grows by pushed lines and fetches what lies between', async () => {
    const { read, window } = logOf(1000);
    window.append([line(1200), line(1201)]);
    expect(window.extent.endLine).toBe(1202);
    expect(window.line(1201)?.text).toBe('line 1201');
    window.want(1190, 1201);
    await settled();
    expect(read).toHaveBeenCalledWith(1000, 500);
  });

  it('asks for lines that are gone only once', async () => {
    const { read, window } = logOf(1000, 0);
    read.mockImplementation(async () => ({ run: runOf(1000, 300), lines: [] }));
    window.want(310, 340);
    await settled();
    expect(window.line(320)).toBeNull();
    expect(window.extent.firstLine).toBe(300);
    window.want(310, 340);
    expect(read).toHaveBeenCalledTimes(1);
  });

  it('tells why a page could not be read and tries again when it is wanted', async () => {
    const { read, window } = logOf(1000);
    read.mockRejectedValueOnce(new Error('gone'));
    window.want(0, 10);
    await settled();
    expect(window.error).toBeInstanceOf(Error);
    window.want(0, 10);
    await settled();
    expect(window.error).toBeUndefined();
    expect(window.line(5)?.n).toBe(5);
  });

  it('shows a line that is being written in its newest state', async () => {
    const { window } = logOf(10);
    window.append([{ ...line(10), text: '10%', open: true }]);
    window.append([{ ...line(10), text: '20%', open: true }]);
    expect(window.line(10)?.text).toBe('20%');
    expect(window.extent.endLine).toBe(11);
  });

  it('knows the lines about checks, and does not read them again to hide them', async () => {
    const { read, window } = logOf(20_000);
    window.append([{ ...line(20_000), source: 'probe' }]);
    expect([window.isCheck(20_000), window.checks]).toEqual([true, 1]);
    // So many pages that the one with the check is forgotten.
    for (let n = 0; n < 20_000; n += 500) {
      window.want(n, n + 10);
      await settled();
    }
    const before = read.mock.calls.length;
    expect(window.line(20_000)).toBeUndefined();
    window.want(20_000, 20_000, false);
    expect(read).toHaveBeenCalledTimes(before);
    const rows = allRows(window, false);
    expect([rows.isHidden(20_000), rows.isHidden(19_999), rows.hidden]).toEqual([true, false, 1]);
    expect(allRows(window, true).isHidden(20_000)).toBe(false);
  });
});
