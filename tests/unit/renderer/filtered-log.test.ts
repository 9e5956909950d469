import { FilteredLog, MAX_PASSED } from '@renderer/features/servers/logs/filtered-log';
import { filteredRows } from '@renderer/features/servers/logs/log-rows';
import type { LogLine, LogPage } from '@shared/domain/log';
import { describe, expect, it, vi } from 'vitest';

/** Every tenth line is an error. */
const line = (n: number): LogLine => ({
  n,
  time: '2026-11-23T14:00:00.000Z',
  source: 'engine',
  text: `line ${n}`,
  ...(n % 10 === 0 ? { level: 'error' } : {}),
});

/** A run whose lines are made as they are read, with how often it was. */
function errorsOf(
  state: { end: number },
  held: (n: number) => LogLine | undefined = () => undefined,
) {
  const read = vi.fn(async (from: number, limit: number): Promise<LogPage> => {
    const count = Math.max(0, Math.min(state.end, from + limit) - from);
    return { run: null, lines: Array.from({ length: count }, (_, i) => line(from + i)) };
  });
  const filter = { level: 'error', source: 'all', checks: false } as const;
  return { read, log: new FilteredLog({ filter, firstLine: 0, held, read }) };
}
const read = (log: FilteredLog) => expect.poll(() => log.fraction).toBe(1);
const numbers = (log: FilteredLog) => log.lines.map(({ n }) => n);

describe('the lines of a run that pass a filter', () => {
  it('are read in pieces, each once', async () => {
    const state = { end: 1200 };
    const { log, read: asked } = errorsOf(state);
    log.reach(1200);
    log.reach(1200);
    await read(log);
    expect(log.lines).toHaveLength(120);
    expect(asked.mock.calls.map(([from]) => from)).toEqual([0, 500, 1000]);
  });

  it('go on with the run, without asking for what is here', async () => {
    const state = { end: 30 };
    const { log, read: asked } = errorsOf(state, (n) => (n >= 30 ? line(n) : undefined));
    log.reach(30);
    await read(log);
    log.reach(45);
    await read(log);
    expect(numbers(log)).toEqual([0, 10, 20, 30, 40]);
    expect(asked).toHaveBeenCalledTimes(1);
  });

  it('are read again where they were still being written', async () => {
    const state = { end: 10 };
    const held = new Map<number, LogLine>([[10, { ...line(10), text: '10%', open: true }]]);
    const { log } = errorsOf(state, (n) => held.get(n));
    log.reach(11);
    await read(log);
    expect(log.lines.map(({ text }) => text)).toEqual(['line 0', '10%']);
    held.set(10, { ...line(10), text: '100%' });
    log.reach(11);
    await vi.waitFor(() => expect(log.lines.map(({ text }) => text)).toEqual(['line 0', '100%']));
  });

  it('are the newest when there are too many', async () => {
    const end = (MAX_PASSED + 3000) * 10;
    const { log } = errorsOf({ end });
    log.reach(end);
    await read(log);
    expect(log.cut).toBe(true);
    expect(log.lines.length).toBeLessThanOrEqual(MAX_PASSED + 2000);
    expect(numbers(log).at(-1)).toBe(end - 10);
  });

  it('end where the log was removed, and where reading fails, which can be tried again', async () => {
    const state = { end: 0 };
    const { log, read: asked } = errorsOf(state);
    log.reach(100);
    await read(log);
    expect(log.lines).toEqual([]);
    asked.mockRejectedValueOnce(new Error('no connection'));
    log.reach(120);
    await expect.poll(() => log.error).toBeInstanceOf(Error);
    state.end = 130;
    log.reach(130);
    await read(log);
    expect(log.error).toBeUndefined();
    expect(numbers(log)).toEqual([100, 110, 120]);
  });

  it('stop being read when nobody looks', async () => {
    const { log, read: asked } = errorsOf({ end: 100_000 });
    log.reach(100_000);
    log.close();
    await new Promise((resolve) => setImmediate(resolve));
    expect(asked).toHaveBeenCalledTimes(1);
  });

  it('have a row each; another line has the row of the next one', async () => {
    const { log } = errorsOf({ end: 100 });
    log.reach(100);
    await read(log);
    const rows = filteredRows(log);
    expect(rows.count).toBe(10);
    expect(rows.number(3)).toBe(30);
    expect(rows.indexOf(30)).toBe(3);
    expect(rows.indexOf(31)).toBe(4);
    expect(rows.indexOf(99)).toBe(9);
  });
});
