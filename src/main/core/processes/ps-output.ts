import type { ProcessInfo, Seen } from '../ports/processes';
import { startTimeText } from './identity';
import { known, unknown } from './seen';

/** What `ps` tells of one process. */
export interface PsProcess extends ProcessInfo {
  readonly cpuMs: number;
  readonly residentBytes: number;
}

/** The columns that {@link parseTable} reads, without headings; the command is last since it may hold anything. */
export const PS_COLUMNS = 'pid=,ppid=,pgid=,stat=,lstart=,time=,rss=,command=';

const LINE =
  /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+[A-Z][a-z]{2}\s+([A-Z][a-z]{2})\s+(\d+)\s+(\d\d):(\d\d):(\d\d)\s+(\d{4})\s+(\S+)\s+(\d+)(?:\s(.*))?$/;

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/**
 * Reads what `ps -o` printed in the C locale and in UTC. A line that is not understood makes all of it unknown:
 * the answer was cut, or is in another language, and half a table proves nothing.
 */
export function parseTable(output: string): Seen<PsProcess[]> {
  if (!output.endsWith('\n')) return unknown('ps was cut off in the middle of a line');
  const processes: PsProcess[] = [];
  for (const line of output.slice(0, -1).split('\n')) {
    const one = parseLine(line);
    if (!one) return unknown(`ps printed a line that is not understood: ${line.slice(0, 100)}`);
    processes.push(one);
  }
  return known(processes);
}

function parseLine(line: string): PsProcess | undefined {
  const match = LINE.exec(line);
  if (!match) return undefined;
  const [, pid, ppid, pgid, state, month, day, hours, minutes, seconds, year, time, rss, command] =
    match;
  const cpuMs = parseCpuTime(time ?? '');
  const monthIndex = MONTHS.indexOf(month ?? '');
  if (cpuMs === undefined || monthIndex === -1) return undefined;
  const clock = [hours, minutes, seconds].map(Number) as [number, number, number];
  const started = Date.UTC(Number(year), monthIndex, Number(day), ...clock);
  return {
    pid: Number(pid),
    ppid: Number(ppid),
    pgid: Number(pgid),
    startTime: startTimeText(started / 1000),
    command: command ?? '',
    state: (state ?? '?').charAt(0),
    cpuMs,
    residentBytes: Number(rss) * 1024,
  };
}

/** `1-02:03:04`, `2:03:04`, `3:04.56` as ps prints CPU time in the C locale, in ms; undefined for all else. */
export function parseCpuTime(text: string): number | undefined {
  const match = /^(?:(\d+)-)?(?:(\d+):)?(\d+):(\d+(?:\.\d+)?)$/.exec(text);
  if (!match) return undefined;
  const [, days = '0', hours = '0', minutes = '0', seconds = '0'] = match;
  return Math.round(
    ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60_000 + Number(seconds) * 1000,
  );
}
