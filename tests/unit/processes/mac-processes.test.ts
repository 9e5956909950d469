import { expect, test } from 'vitest';

import type { MacLibrary } from '@core/processes/mac-library';
import { macProcesses } from '@core/processes/mac-processes';
import { KINFO_PROC_BYTES, parseArguments } from '@core/processes/mac-structs';

const EMFILE = 24;
const ENOMEM = 12;
const ESRCH = 3;
const EPERM = 1;

/** A `struct kinfo_proc` with a pid, a parent, a user and a start. */
function record(pid: number, uid = process.geteuid?.() ?? 0): Buffer {
  const bytes = Buffer.alloc(KINFO_PROC_BYTES);
  bytes.writeBigInt64LE(1_795_600_800n, 0);
  bytes.writeInt32LE(42, 8);
  bytes.writeInt8(3, 36);
  bytes.writeInt32LE(pid, 40);
  bytes.write(`p${pid}`, 243);
  bytes.writeUInt32LE(uid, 420);
  bytes.writeInt32LE(1, 560);
  bytes.writeInt32LE(pid, 564);
  return bytes;
}

interface System {
  /** Answers to `kern.proc`, or the error. */
  table: Buffer | number;
  /** Errors of the other calls; 0 is none. */
  errors: { arguments?: number; descriptors?: number; socket?: number; usage?: number };
}

/** A library whose calls answer or fail as the test says. */
function libraryOf({ table, errors }: System): MacLibrary {
  let errno = 0;
  const fail = (code: number, result: number): number => {
    errno = code;
    return result;
  };
  return {
    errno: () => errno,
    sysctl(name, value, length) {
      if (name[1] === 49) return fail(errors.arguments ?? 22, -1);
      if (typeof table === 'number') return fail(table, -1);
      if (Number(length[0]) < table.length) return fail(ENOMEM, -1);
      table.copy(value);
      length[0] = BigInt(table.length);
      return 0;
    },
    sysctlByName: () => fail(2, -1),
    pidInfo(_pid, _flavor, value) {
      errno = 0;
      if (errors.descriptors !== undefined) return fail(errors.descriptors, 0);
      // One descriptor, a socket.
      value.writeInt32LE(5, 0);
      value.writeUInt32LE(2, 4);
      return 8;
    },
    fdInfo: () => fail(errors.socket ?? 9, 0),
    rusage: () => fail(errors.usage ?? ESRCH, -1),
    nanosecondsPerTick: 1,
    hostStatistics: () => 5,
  };
}

const TABLE = Buffer.concat([record(1, 0), record(process.pid), record(4242)]);
const see = (changes: Partial<System>) =>
  macProcesses(libraryOf({ table: TABLE, errors: {}, ...changes }));

test('the table is read, starts with microseconds and in UTC', async () => {
  const table = await see({}).list();
  expect(table.known && table.value[2]).toEqual({
    ...{ pid: 4242, ppid: 1, pgid: 4242, state: 'S', command: 'p4242' },
    startTime: '2026-11-25T10:00:00.000042Z',
  });
});

test.each([
  ['fails', EMFILE],
  ['is cut in the middle of a record', TABLE.subarray(0, TABLE.length - 100)],
  ['lacks this process', Buffer.concat([record(1, 0), record(4242)])],
  ['is empty', Buffer.alloc(0)],
  ['needs more memory than there is', ENOMEM],
])('a table that %s is unknown', async (_, table) => {
  const processes = see({ table });
  const answers = [await processes.list(), await processes.carrying('A', 'b')];
  for (const answer of answers) expect(answer).toMatchObject({ known: false });
});

test('a table that has grown beyond the buffer is asked for again', async () => {
  const many = Array.from({ length: 3000 }, (_, index) => record(10_000 + index));
  const answer = await see({ table: Buffer.concat([TABLE, ...many]) }).list();
  expect(answer.known && answer.value).toHaveLength(3003);
});

test.each([ESRCH, EPERM])('errno %i of one process is no failure of the look', async (errno) => {
  const errors = { descriptors: errno, usage: errno };
  const processes = see({ errors });
  expect(await processes.listeners(80)).toEqual({ known: true, value: [] });
  expect(await processes.connections(80, 4242)).toEqual({ known: true, value: 0 });
  expect(await processes.usage([4242])).toEqual({ known: true, value: new Map() });
});

test('a socket that was closed meanwhile is no failure either', async () => {
  for (const socket of [9, 38]) {
    expect(await see({ errors: { socket } }).listeners(80)).toEqual({ known: true, value: [] });
  }
});

test.each(['descriptors', 'socket', 'usage', 'arguments'] as const)(
  'any other error with the %s is unknown',
  async (call) => {
    const processes = see({ errors: { [call]: EMFILE } });
    const answers = {
      descriptors: () => processes.listeners(80),
      socket: () => processes.connections(80, 4242),
      usage: () => processes.usage([4242]),
      arguments: () => processes.carrying('A', 'b'),
    };
    expect(await answers[call]()).toMatchObject({
      known: false,
      reason: expect.stringContaining(`errno ${EMFILE}`),
    });
  },
);

test('arguments and environment are told apart, whatever they hold', () => {
  const count = Buffer.alloc(4);
  count.writeInt32LE(3);
  const text =
    '/usr/bin/python3\0\0\0\0python3\0-c\0two\nlines ü\0PATH=/bin\0NONCE=a=b\0\0ptr_munge=\0';
  const parsed = parseArguments(Buffer.concat([count, Buffer.from(text)]));
  expect(parsed?.argv).toEqual(['python3', '-c', 'two\nlines ü']);
  expect(parsed?.environment.slice(0, 2)).toEqual(['PATH=/bin', 'NONCE=a=b']);
  expect(parseArguments(Buffer.alloc(2))).toBeUndefined();
});
