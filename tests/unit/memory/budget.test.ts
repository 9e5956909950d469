import { budgetOf, countedBytes, type ServerMemory } from '@core/memory/budget';
import { SERVER_STATES } from '@shared/domain/server-state';
import { describe, expect, it } from 'vitest';

const server = (change: Partial<ServerMemory>): ServerMemory => ({
  profileId: 'a',
  state: 'ready',
  measured: 6,
  needs: 10,
  learned: undefined,
  ...change,
});

describe('what a server counts with', () => {
  it('on its way to ready: the larger of what it needs and what was measured', () => {
    for (const state of ['queued', 'starting', 'loading'] as const) {
      expect(countedBytes(server({ state }))).toBe(10);
      expect(countedBytes(server({ state, measured: 12 }))).toBe(12);
      expect(countedBytes(server({ state, measured: undefined }))).toBe(10);
      expect(countedBytes(server({ state, needs: undefined }))).toBe(6);
    }
  });

  it('ready: what was measured, or what it was seen to take before', () => {
    for (const state of ['ready', 'degraded'] as const) {
      expect(countedBytes(server({ state }))).toBe(6);
      expect(countedBytes(server({ state, learned: 8 }))).toBe(8);
      expect(countedBytes(server({ state, learned: 5 }))).toBe(6);
      expect(countedBytes(server({ state, measured: undefined }))).toBe(10);
    }
  });

  it('ending or stuck: all that it still has', () => {
    for (const state of ['draining', 'stopping', 'stuck'] as const) {
      expect(countedBytes(server({ state, learned: 9 }))).toBe(6);
      expect(countedBytes(server({ state, measured: undefined }))).toBe(10);
    }
  });

  it('is never negative, whatever is unknown', () => {
    for (const state of SERVER_STATES) {
      expect(countedBytes(server({ state, measured: undefined, needs: undefined }))).toBe(0);
    }
  });
});

describe('what is free', () => {
  it('is what the system says, without what servers are yet to take', () => {
    const loading = server({ state: 'loading' });
    expect(budgetOf({ total: 64, free: 30 }, 0, [])).toEqual({
      limit: 64,
      limitSource: 'memory',
      inUse: 34,
    });
    expect(budgetOf({ total: 64, free: 30 }, 0, [loading]).inUse).toBe(38);
    // Ready, it has what it takes: the system knows.
    expect(budgetOf({ total: 64, free: 30 }, 0, [server({})]).inUse).toBe(34);
  });

  it('of the GPU: its limit without our servers, unless the machine has less', () => {
    const memory = { total: 64, free: 50, gpuLimit: 48 };
    expect(budgetOf(memory, 0, [])).toMatchObject({ limit: 48, limitSource: 'gpu', inUse: 0 });
    expect(budgetOf(memory, 0, [server({ measured: 10 })]).inUse).toBe(10);
    // 48 would be left of the limit, but other programs hold the memory.
    expect(budgetOf({ ...memory, free: 20 }, 0, []).inUse).toBe(28);
    expect(budgetOf({ ...memory, free: 20 }, 0, [server({ measured: 40 })]).inUse).toBe(40);
  });

  it("of the person's own limit, where that leaves no more", () => {
    const memory = { total: 64, free: 30 };
    expect(budgetOf(memory, 20, [])).toEqual({ limit: 20, limitSource: 'setting', inUse: 0 });
    expect(budgetOf(memory, 30, [])).toMatchObject({ limitSource: 'setting' });
    expect(budgetOf(memory, 31, [])).toMatchObject({ limitSource: 'memory' });
    expect(budgetOf(memory, 20, [server({ state: 'loading' })]).inUse).toBe(10);
  });

  it('does not count who is left out: what it has would be free', () => {
    const servers = [server({ state: 'loading' }), server({ profileId: 'b', measured: 4 })];
    const all = budgetOf({ total: 64, free: 30 }, 0, servers).inUse;
    const without = budgetOf({ total: 64, free: 30 }, 0, servers, new Set(['a'])).inUse;
    expect(all - without).toBe(10);
    expect(budgetOf({ total: 64, free: 30 }, 20, servers, new Set(['a', 'b'])).inUse).toBe(0);
  });

  it('may be less than nothing after a start that was forced', () => {
    const { limit, inUse } = budgetOf({ total: 64, free: 5 }, 0, [server({ state: 'loading' })]);
    expect(limit - inUse).toBe(1);
    const forced = budgetOf({ total: 64, free: 5 }, 0, [server({ state: 'loading', needs: 40 })]);
    expect(forced.limit - forced.inUse).toBe(-29);
  });
});
