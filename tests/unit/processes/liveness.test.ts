import { afterEach, describe, expect, it, vi } from 'vitest';

import { isAlive } from '@core/processes/liveness';
import { unknown } from '@core/processes/seen';
import { FakeMachine } from '@fixtures/fake-processes';

afterEach(() => {
  vi.restoreAllMocks();
});

/** A machine that cannot tell, and takes its time to say so. */
function slowMachine(lookMs: number): { machine: FakeMachine; looks: () => number } {
  const machine = new FakeMachine();
  let now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  const read = vi.spyOn(machine, 'read').mockImplementation(async () => {
    now += lookMs;
    return unknown('nobody answers');
  });
  return { machine, looks: () => read.mock.calls.length };
}

describe('whether a process lives, asked of a machine that cannot tell', () => {
  // This process, so that there is one with its number.
  const identity = { pid: process.pid, startTime: '1' };
  const pauses = [0, 0, 0, 0, 0, 0];

  it.each([
    ['at once is asked again each time', 1, 7],
    ['after eight seconds each is asked once: whoever wants the folder waits for it', 8000, 1],
  ])('%s', async (_, lookMs, times) => {
    const { machine, looks } = slowMachine(lookMs);
    expect(await isAlive(machine, identity, pauses)).toEqual(unknown('nobody answers'));
    expect(looks()).toBe(times);
  });
});
