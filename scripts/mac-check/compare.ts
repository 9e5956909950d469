import type { ProcessInfo } from '@core/ports/processes';
import { isComparable, isSameProcess } from '@core/processes/identity';

type Table = readonly ProcessInfo[];

/** Two looks of each side, in the order ps, view, ps, view: what one side saw twice, the other must have seen between. */
export interface FourLooks {
  readonly ps: readonly [Table, Table];
  readonly view: readonly [Table, Table];
}

/**
 * How a view differs from ps in what stayed the same meanwhile: which processes there are, whose children they are,
 * their groups and when they began.
 */
export function differences({ ps, view }: FourLooks): string[] {
  return [
    ...missing('ps', ps, view[0]),
    ...missing('the library', view, ps[1]),
    ...others(ps, view[0]),
  ];
}

/** How many processes were compared. */
export function comparedBy({ ps, view }: FourLooks): number {
  return stable(ps).filter(({ pid }) => view[0].some((one) => one.pid === pid)).length;
}

function missing(side: string, looks: readonly [Table, Table], between: Table): string[] {
  const pids = new Set(between.map(({ pid }) => pid));
  return stable(looks)
    .filter(({ pid }) => !pids.has(pid))
    .map(({ pid, command }) => `${side} alone has ${pid} ${nameOf(command)}`);
}

function others(looks: readonly [Table, Table], between: Table): string[] {
  return stable(looks).flatMap((one) => {
    const other = between.find(({ pid }) => pid === one.pid);
    if (!other) return [];
    const wrong = [
      ...(one.ppid === other.ppid ? [] : [`parent ${other.ppid}, by ps ${one.ppid}`]),
      ...(one.pgid === other.pgid ? [] : [`group ${other.pgid}, by ps ${one.pgid}`]),
      ...(startsDiffer(one, other)
        ? [`began ${other.startTime || '(not told)'}, by ps ${one.startTime}`]
        : []),
    ];
    return wrong.length === 0 ? [] : [`${one.pid} ${nameOf(one.command)}: ${wrong.join(', ')}`];
  });
}

/** Whether two ways tell another start; those that count in other units, as /proc and ps do, cannot be compared. */
export function startsDiffer(a: ProcessInfo, b: ProcessInfo): boolean {
  return b.startTime === '' || (isComparable(a, b) && !isSameProcess(a, b));
}

/** Those that were there both times with the same parent and group; the kernel itself (0) is none for ps. */
function stable([first, second]: readonly [Table, Table]): ProcessInfo[] {
  return first.filter((one) => {
    const later = second.find(({ pid }) => pid === one.pid && pid !== 0);
    return isSameProcess(one, later) && later?.ppid === one.ppid && later.pgid === one.pgid;
  });
}

/** The program's name alone: arguments may hold anything. */
function nameOf(command: string): string {
  return command.split(' ')[0]?.split('/').at(-1) ?? '';
}

/** Whether two numbers are within a share of the larger one, and an allowance for how they were rounded. */
export function isNear(a: number, b: number, share: number, allowance: number): boolean {
  return Math.abs(a - b) <= Math.max(a, b) * share + allowance;
}

/** Whether two lists have the same numbers, in whatever order. */
export function isSameSet(a: readonly number[], b: readonly number[]): boolean {
  return [...a].sort().join() === [...b].sort().join();
}
