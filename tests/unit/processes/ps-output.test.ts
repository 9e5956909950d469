import { expect, test } from 'vitest';

import { parseCpuTime, parseTable } from '@core/processes/ps-output';

// `ps -axww -o pid=,ppid=,pgid=,stat=,lstart=,time=,rss=,command=` of macOS, in the C locale.
const MAC = [
  '    1     0     1 Ss   Mon Nov 23 10:00:00 2026      3:04.56  18432 /sbin/launchd',
  '48213   812 48213 S    Mon Nov  2 09:05:07 2026    123:04.50 9000000 /opt/x/bin/python3 -m mlx_lm server',
  '  900     1   900 Z    Mon Nov 23 10:00:00 2026      0:00.00      0 ',
  '',
].join('\n');

test('the table of macOS is read, commands with spaces kept, starts in UTC', () => {
  expect(parseTable(MAC)).toEqual({
    known: true,
    value: [
      {
        ...{ pid: 1, ppid: 0, pgid: 1, state: 'S', startTime: '2026-11-23T10:00:00Z' },
        ...{ command: '/sbin/launchd', cpuMs: 184_560, residentBytes: 18_432 * 1024 },
      },
      {
        ...{ pid: 48_213, ppid: 812, pgid: 48_213, state: 'S' },
        ...{ startTime: '2026-11-02T09:05:07Z', command: '/opt/x/bin/python3 -m mlx_lm server' },
        ...{ cpuMs: 7_384_500, residentBytes: 9_000_000 * 1024 },
      },
      {
        ...{ pid: 900, ppid: 1, pgid: 900, state: 'Z', startTime: '2026-11-23T10:00:00Z' },
        ...{ command: '', cpuMs: 0, residentBytes: 0 },
      },
    ],
  });
});

test.each([
  ['nothing at all', ''],
  ['a line of words', `${MAC}ps: time of day is unknown\n`],
  ['a cut at the end', MAC.slice(0, -20)],
  ['a cut after a whole line', MAC.slice(0, -1)],
  ['another language', MAC.replace('Mon Nov 23', 'lun. 23 nov.')],
  ['a month of another language', MAC.replace('Nov', 'Mai')],
  ['decimal commas', MAC.replace('3:04.56', '3:04,56')],
])('%s is unknown, not a shorter table', (_, output) => {
  expect(parseTable(output)).toMatchObject({ known: false, reason: expect.stringMatching(/^ps /) });
});

test.each([
  ['3:04.56', 184_560],
  ['2:03:04', 7_384_000],
  ['1-02:03:04', 93_784_000],
  ['00:00:00', 0],
  ['0:12,34', undefined],
  ['', undefined],
])('CPU time %s', (text, ms) => {
  expect(parseCpuTime(text)).toBe(ms);
});
