import type { ProcessInfo } from '../ports/processes';
import { type Identity, isSameProcess } from './identity';

/** A process that was started in a group of its own, with all that it starts. */
export interface TreeRoot extends Identity {
  readonly pgid: number;
}

/** What else is known of a tree. */
export interface TreeClues {
  /** Members that were seen earlier: those that left the group and lost their parent are still of the tree. */
  readonly remembered: Iterable<ProcessInfo>;
  /** What carries the run's nonce in its environment, and so comes from the root whatever it did since. */
  readonly carriers: readonly ProcessInfo[];
  /**
   * The root was under watch until it ended, so that its number cannot have been given to another group
   * meanwhile, even where no member of it is known.
   */
  readonly wasWatched: boolean;
}

/**
 * The live processes of a tree: the root, its group, what carries the nonce, what is remembered, and every
 * descendant of these. A number that was given to another process makes nothing ours: each member is reached
 * from one whose identity is proven.
 */
export function findTree(
  table: readonly ProcessInfo[],
  root: TreeRoot,
  clues: TreeClues,
): ProcessInfo[] {
  const { byPid, children } = index([...table, ...clues.carriers]);
  const proven = [root, ...clues.remembered, ...clues.carriers].flatMap((identity) => {
    const now = byPid.get(identity.pid);
    return isSameProcess(identity, now) && now ? [now] : [];
  });
  const groupIsOurs =
    proven.some(({ pgid }) => pgid === root.pgid) || (clues.wasWatched && !byPid.has(root.pid));
  const group = groupIsOurs ? table.filter(({ pgid }) => pgid === root.pgid) : [];
  const tree = new Map<number, ProcessInfo>();
  const queue = [...proven, ...group];
  for (let info = queue.pop(); info !== undefined; info = queue.pop()) {
    if (tree.has(info.pid)) continue;
    tree.set(info.pid, info);
    queue.push(...(children.get(info.pid) ?? []));
  }
  return [...tree.values()].filter(({ state }) => state !== 'Z');
}

function index(table: readonly ProcessInfo[]): {
  byPid: ReadonlyMap<number, ProcessInfo>;
  children: ReadonlyMap<number, readonly ProcessInfo[]>;
} {
  const byPid = new Map<number, ProcessInfo>();
  const children = new Map<number, ProcessInfo[]>();
  for (const info of table) {
    // A carrier may be missing in the table that was read a moment before.
    if (byPid.has(info.pid)) continue;
    byPid.set(info.pid, info);
    const siblings = children.get(info.ppid);
    if (siblings) siblings.push(info);
    else children.set(info.ppid, [info]);
  }
  return { byPid, children };
}

/** A signal to one process, or to a group where `target` is negative, as kill(2) takes it. */
export interface Signal {
  readonly target: number;
  readonly name: NodeJS.Signals;
}

/**
 * The signals that reach exactly these members of a tree. The group gets one together, which a process that is
 * forked at this moment gets too, but only where the table shows nobody else in it.
 */
export function planSignals(
  members: readonly ProcessInfo[],
  table: readonly ProcessInfo[],
  pgid: number,
  name: NodeJS.Signals,
): Signal[] {
  // Never this program itself, nor what kill(2) takes for everybody (0, -1 and the first process).
  const pids = new Set(
    members.map(({ pid }) => pid).filter((pid) => pid > 1 && pid !== process.pid),
  );
  const group = table.filter((info) => info.pgid === pgid && info.state !== 'Z');
  const isWholeGroup = pgid > 1 && group.length > 0 && group.every(({ pid }) => pids.has(pid));
  const others = members.filter(
    ({ pid, pgid: own }) => pids.has(pid) && !(isWholeGroup && own === pgid),
  );
  return [
    ...(isWholeGroup ? [{ target: -pgid, name }] : []),
    ...others.map(({ pid }) => ({ target: pid, name })),
  ];
}
