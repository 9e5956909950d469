import { failureFixes } from '@renderer/features/servers/detail/failure-fixes';
import { makeAction } from '@shared/errors/action';
import { describe, expect, it } from 'vitest';

const engines = makeAction('open_engines', { purpose: 'newer' });

describe('the fixes of a failure', () => {
  it('has its own fix first, then a new try', () => {
    const { fixes, mends, advice } = failureFixes({
      state: 'failed',
      failure: { action: engines },
    });
    expect(fixes.map(({ label }) => label)).toEqual(['Check for a newer engine', 'Try again']);
    expect(mends).toBe(true);
    expect(advice).toBeUndefined();
  });

  it('offers a new try once', () => {
    const retry = makeAction('retry');
    expect(failureFixes({ state: 'failed', failure: { action: retry } }).fixes).toEqual([retry]);
  });

  it('says what no button can do, and still offers a new try', () => {
    const action = makeAction('use_newer_version');
    const { fixes, mends, advice } = failureFixes({ state: 'failed', failure: { action } });
    expect(advice).toBe(action.label);
    expect(fixes.map(({ label }) => label)).toEqual(['Try again']);
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
