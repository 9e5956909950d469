import { failureFixes } from '@renderer/features/servers/detail/failure-fixes';
import { describe, expect, it } from 'vitest';

const engines = { id: 'open_engines', label: 'Look for a newer engine' };

describe('the fixes of a failure', () => {
  it('has its own fix first, then a new try', () => {
    const { fixes, mends, advice } = failureFixes({
      state: 'failed',
      failure: { action: engines },
    });
    expect(fixes.map(({ label }) => label)).toEqual(['Look for a newer engine', 'Start again']);
    expect(mends).toBe(true);
    expect(advice).toBeUndefined();
  });

  it('offers a new try once', () => {
    const retry = { id: 'retry', label: 'Try again' };
    expect(failureFixes({ state: 'failed', failure: { action: retry } }).fixes).toEqual([retry]);
  });

  it('says what no button can do, and still offers a new try', () => {
    const action = { id: 'free_disk_space', label: 'Make room on the disk' };
    const { fixes, mends, advice } = failureFixes({ state: 'failed', failure: { action } });
    expect(advice).toBe('Make room on the disk');
    expect(fixes.map(({ label }) => label)).toEqual(['Start again']);
    expect(mends).toBe(false);
  });

  it('offers no new try while the manager tries by itself, or where nothing was proposed', () => {
    expect(failureFixes({ state: 'backoff', failure: { action: engines } }).fixes).toEqual([
      engines,
    ]);
    expect(failureFixes({ state: 'stuck' }).fixes).toEqual([]);
    expect(failureFixes({ state: 'failed', failure: {} }).fixes).toHaveLength(1);
  });
});
