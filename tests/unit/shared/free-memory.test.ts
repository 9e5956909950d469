import { freeMemory } from '@shared/domain/memory-labels';
import { describe, expect, it } from 'vitest';

const GIB = 1024 ** 3;
const machine = { memoryTotal: 64 * GIB, memoryFree: 40 * GIB };

describe('what is free for servers', () => {
  it('is what a start is decided by, not what the system calls free', () => {
    const busy = { ...machine, gpuLimit: 48 * GIB, memoryLeft: 3 * GIB, memoryLimit: 8 * GIB };
    expect(freeMemory(busy)).toEqual({ free: 3 * GIB, total: 8 * GIB });
  });

  it('is never less than nothing, where too much was let in', () => {
    expect(freeMemory({ ...machine, memoryLeft: -GIB, memoryLimit: 8 * GIB }).free).toBe(0);
  });

  it('is what the system has until that is known', () => {
    expect(freeMemory(machine)).toEqual({ free: 40 * GIB, total: 64 * GIB });
    expect(freeMemory({ ...machine, gpuLimit: 30 * GIB }).free).toBe(30 * GIB);
  });
});
