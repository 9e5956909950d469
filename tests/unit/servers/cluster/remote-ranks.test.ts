import type { HostShell, ShellResult } from '@core/servers/cluster/host-shell';
import { endRanks, findRanks, measureRanks, readAnswer } from '@core/servers/cluster/remote-ranks';
import { describe, expect, test } from 'vitest';

const NONCE = '0f8fad5b-d9cb-469f-a165-70867728950e';
const machines = [
  { name: 'This Mac', ssh: null },
  { name: 'Studio', ssh: 'mara@studio.local' },
];
const answer = (said: readonly string[], changes: Partial<ShellResult> = {}): ShellResult => ({
  code: 0,
  said,
  stderr: '',
  timedOut: false,
  firstLineMs: 1,
  ...changes,
});

/** Studio answers this; this machine has nothing left. */
const shellWith =
  (studio: ShellResult): HostShell =>
  async (machine) =>
    machine.ssh === null ? answer(['hello', 'done']) : studio;

describe('what is proven', () => {
  test('nothing left on either', async () => {
    const shell = shellWith(answer(['hello', 'killed', 'done']));
    const [here, there] = await endRanks(machines, NONCE, 1000, { shell });
    expect(here).toMatchObject({ host: 'This Mac', gone: true, killed: false, survivors: [] });
    expect(there).toMatchObject({ host: 'Studio', gone: true, killed: true });
  });

  test('a survivor is named', async () => {
    const shell = shellWith(answer(['killed', 'process 812 python a b', 'done']));
    const [, there] = await endRanks(machines, NONCE, 1000, { shell });
    expect(there).toMatchObject({ gone: false, survivors: [{ pid: 812, command: 'python a b' }] });
    expect(there?.text).toBe('On Studio SIGKILL did not end pid 812.');
  });

  test('a machine out of reach proves nothing, and is named', async () => {
    const stderr = 'ssh: connect to host 10.0.5.2 port 22: No route to host';
    const shell = shellWith(answer([], { code: 255, stderr }));
    const [here, there] = await endRanks(machines, NONCE, 1000, { shell });
    expect(here?.gone).toBe(true);
    expect(there).toMatchObject({ gone: false, survivors: [] });
    expect(there?.text).toContain("Can't tell whether");
    expect(there?.text).toContain('No network route to Studio');
    const [, found] = await findRanks(machines, NONCE, { shell });
    expect(found).toMatchObject({ host: 'Studio', reached: false });
  });

  test('nor does a machine that does not show its processes', async () => {
    const shell = shellWith(answer(['hello', 'blind']));
    const [, there] = await endRanks(machines, NONCE, 1000, { shell });
    expect(there).toMatchObject({ gone: false, survivors: [] });
    expect(there?.text).toContain("Studio doesn't show its processes.");
    const [, found] = await findRanks(machines, NONCE, { shell });
    expect(found).toMatchObject({ reached: false });
  });

  test('nor does an answer that was cut off', async () => {
    const shell = shellWith(answer(['hello', 'killed']));
    const [, there] = await endRanks(machines, NONCE, 1000, { shell });
    expect(there?.gone).toBe(false);
    expect(there?.text).toContain('ended the connection');
  });
});

test('a nonce that is not one of ours is refused before anything is asked', () => {
  const shell: HostShell = () => Promise.reject(new Error('asked'));
  for (const nonce of ['', '.*', `${NONCE}'`, NONCE.slice(1)]) {
    expect(() => findRanks(machines, nonce, { shell })).toThrow('UUID');
    expect(() => endRanks(machines, nonce, 0, { shell })).toThrow('UUID');
  }
});

test('the answer is read line by line', () => {
  expect(
    readAnswer(['hello', 'process 7 ', 'process 8 a b', 'killed', 'done', 'process x']),
  ).toEqual({
    done: true,
    killed: true,
    processes: [
      { pid: 7, command: '' },
      { pid: 8, command: 'a b' },
    ],
  });
});

describe('the memory of each rank', () => {
  const places = machines.map((machine, rank) => ({ ...machine, rank }));
  const measured = (studio: ShellResult) =>
    measureRanks(places, NONCE, {
      shell: async ({ ssh }) =>
        ssh === null ? answer(['memory  900', 'memory 0 1000', 'memory 0 24', 'done']) : studio,
    });

  test('is that of all its processes, without the launcher', async () => {
    expect(await measured(answer(['memory 1    2048', 'done']))).toEqual([
      { rank: 0, host: 'This Mac', memoryBytes: 1024 * 1024 },
      { rank: 1, host: 'Studio', memoryBytes: 2048 * 1024 },
    ]);
  });

  test('is not made up where a machine says nothing, or runs nothing', async () => {
    const [, silent] = await measured(answer(['memory 1 2048']));
    expect(silent).toEqual({ rank: 1, host: 'Studio', problem: expect.stringContaining('Studio') });
    const [, absent] = await measured(answer(['done']));
    expect(absent).toMatchObject({ problem: "Rank 1 isn't running on Studio." });
  });
});
