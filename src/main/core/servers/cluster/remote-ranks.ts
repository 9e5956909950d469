import type { Rank, RankPlace } from '@shared/domain/cluster';
import { DomainError } from '@shared/errors';
import { NONCE_VARIABLE } from '../launch/ownership';
import { type HostShell, type Machine, script } from './host-shell';
import { sshFailure } from './ssh-failure';

/** A process that carries the nonce: a rank, or on this machine also the launcher and its ssh. */
export interface RankProcess {
  readonly pid: number;
  readonly command: string;
}

/** What was found on a machine. Not reached means that nothing is known about it. */
export type HostRanks =
  | { readonly host: string; readonly reached: true; readonly processes: readonly RankProcess[] }
  | {
      readonly host: string;
      readonly reached: false;
      readonly text: string;
      readonly fix?: string;
    };

/** How ending went on a machine. */
export interface HostEnd {
  readonly host: string;
  /** Proven: the machine was asked afterwards, and no process of this server is left on it. */
  readonly gone: boolean;
  /** Whether SIGKILL was needed. */
  readonly killed: boolean;
  /** What is left, where it is known. */
  readonly survivors: readonly RankProcess[];
  readonly text: string;
  readonly fix?: string;
}

export interface RankCall {
  readonly shell: HostShell;
  readonly signal?: AbortSignal | undefined;
}

const FIND_LIMIT_MS = 15_000;
/** After SIGKILL, how long a process may take to leave; whole seconds. */
const KILL_SECONDS = 5;

/**
 * Prints the pids that belong to the server. Linux: /proc/PID/environ, which holds the environment at
 * exec(2), and /proc/PID/cmdline for the shell that will become a rank and has the export in its script
 * (launch.py, make_launch_script). macOS: `ps -E` shows both (ps(1)). The text that is looked for goes
 * through pipes alone, so that no process of ours carries it. Fails where the machine does not show even the shell
 * that asks: then finding nothing proves nothing.
 */
const RANKS = `
  ranks() {
    if [ -r /proc/self/environ ]; then
      grep -qa . "/proc/$$/stat" 2>/dev/null || return 1
      {
        printf '%s\\n' "$MARK" | grep -laFf - /proc/[0-9]*/environ
        printf 'export %s\\n' "$MARK" | grep -laFf - /proc/[0-9]*/cmdline
      } 2>/dev/null | awk -F / '{ print $3 }' | sort -un
    else
      ps -axEww -o pid= -o command= 2>/dev/null | {
        seen=
        while read -r pid rest; do
          [ "$pid" != "$$" ] || seen=yes
          case "$rest" in *"$MARK"*) echo "$pid" ;; esac
        done
        [ -n "$seen" ]
      }
    fi
  }
  tell() {
    pids=$(ranks) || { say blind; return 1; }
    for pid in $pids; do
      say process "$pid" "$(ps -ww -o command= -p "$pid" 2>/dev/null | head -n 1 | cut -c 1-300)"
    done
  }
`;

const FIND = `${RANKS}
  tell && say done
`;

/**
 * The rank and the resident memory (KiB, ps(1)) of each process: mlx.launch gives every rank MLX_RANK in its
 * environment (launch.py, make_launch_script), which its children inherit.
 */
const MEASURE = `${RANKS}
  rank_of() {
    if [ -r /proc/self/environ ]; then tr '\\0' '\\n' < "/proc/$1/environ"
    else ps -E -ww -o command= -p "$1" | tr ' ' '\\n'
    fi 2>/dev/null | sed -n 's/^MLX_RANK=//p' | head -n 1
  }
  pids=$(ranks) || { say blind; return 1; }
  for pid in $pids; do
    say memory "$(rank_of "$pid")" "$(ps -o rss= -p "$pid" 2>/dev/null)"
  done
  say done
`;

/**
 * TERM, then KILL to what is left after the grace, then two looks that must both find nothing. CONT,
 * because a stopped process takes TERM only when it goes on.
 */
const END = `${RANKS}
  signal() { for pid in $(ranks); do kill "-$1" "$pid" 2>/dev/null; done; }
  seconds() { date +%s; }
  none() { left=$(ranks) && [ -z "$left" ]; }
  signal TERM
  signal CONT
  until_=$(($(seconds) + GRACE))
  while ! none && [ "$(seconds)" -le "$until_" ]; do sleep 0.1; done
  if ! none; then
    say killed
    until_=$(($(seconds) + KILL_SECONDS))
    while ! none && [ "$(seconds)" -le "$until_" ]; do signal KILL; sleep 0.1; done
  fi
  if none; then sleep 0.2; signal KILL; fi
  tell && say done
`;

/** Looks for the server's processes on every machine at once. */
export function findRanks(
  machines: readonly Machine[],
  nonce: string,
  { shell, signal }: RankCall,
): Promise<HostRanks[]> {
  const text = script({ MARK: markOf(nonce) }, FIND);
  return Promise.all(
    machines.map(async (machine): Promise<HostRanks> => {
      const result = await shell(machine, text, { limitMs: FIND_LIMIT_MS, signal });
      const answer = readAnswer(result.said);
      if (answer.done) return { host: machine.name, reached: true, processes: answer.processes };
      return { host: machine.name, reached: false, ...whyNot(machine, result) };
    }),
  );
}

/**
 * Ends the server's processes on every machine at once, by what they carry in their environment, never by
 * name or port, and asks again. Safe to repeat: a machine that could not be reached is asked anew.
 */
export function endRanks(
  machines: readonly Machine[],
  nonce: string,
  graceMs: number,
  { shell, signal }: RankCall,
): Promise<HostEnd[]> {
  const grace = Math.max(0, Math.ceil(graceMs / 1000));
  const values = { MARK: markOf(nonce), GRACE: String(grace), KILL_SECONDS: String(KILL_SECONDS) };
  const text = script(values, END);
  const limitMs = (grace + KILL_SECONDS) * 1000 + FIND_LIMIT_MS;
  return Promise.all(
    machines.map(async (machine): Promise<HostEnd> => {
      const result = await shell(machine, text, { limitMs, signal });
      const answer = readAnswer(result.said);
      if (!answer.done) return notProven(machine, whyNot(machine, result));
      return ended(machine, answer);
    }),
  );
}

/** Measures every rank on its machine, all machines at once. */
export async function measureRanks(
  places: readonly RankPlace[],
  nonce: string,
  { shell, signal }: RankCall,
): Promise<Rank[]> {
  const text = script({ MARK: markOf(nonce) }, MEASURE);
  const machines = new Map(places.map(({ name, ssh }) => [name, { name, ssh }]));
  const measured = await Promise.all(
    [...machines.values()].map(async (machine) => {
      const result = await shell(machine, text, { limitMs: FIND_LIMIT_MS, signal });
      const isDone = result.said.includes('done');
      const memory = isDone ? memoryByRank(result.said) : whyNot(machine, result).text;
      return [machine.name, memory] as const;
    }),
  );
  const byMachine = new Map(measured);
  return places.map(({ rank, name }) => {
    const memory = byMachine.get(name) ?? new Map<number, number>();
    if (typeof memory === 'string') return { rank, host: name, problem: memory };
    const memoryBytes = memory.get(rank);
    return memoryBytes === undefined
      ? { rank, host: name, problem: `Rank ${rank} isn't running on ${name}.` }
      : { rank, host: name, memoryBytes };
  });
}

/** Bytes by rank, of what the script said; a process without a rank is the launcher or its shell. */
export function memoryByRank(lines: readonly string[]): Map<number, number> {
  const bytes = new Map<number, number>();
  for (const line of lines) {
    const match = /^memory (\d+) +(\d+)$/.exec(line);
    if (!match) continue;
    const rank = Number(match[1]);
    bytes.set(rank, (bytes.get(rank) ?? 0) + Number(match[2]) * 1024);
  }
  return bytes;
}

interface Answer {
  readonly done: boolean;
  readonly killed: boolean;
  readonly processes: readonly RankProcess[];
}

/** Reads what the scripts say; without the last word the connection was lost on the way. */
export function readAnswer(lines: readonly string[]): Answer {
  const processes = lines.flatMap((line) => {
    const match = /^process (\d+) ?(.*)$/.exec(line);
    return match ? [{ pid: Number(match[1]), command: match[2] ?? '' }] : [];
  });
  return { done: lines.includes('done'), killed: lines.includes('killed'), processes };
}

function ended(machine: Machine, { killed, processes }: Answer): HostEnd {
  const gone = processes.length === 0;
  const pids = processes.map(({ pid }) => pid).join(', ');
  return {
    host: machine.name,
    gone,
    killed,
    survivors: processes,
    text: gone
      ? `No processes of this server are left on ${machine.name}.`
      : `On ${machine.name} SIGKILL did not end pid ${pids}.`,
    ...(gone ? {} : { fix: `Restart ${machine.name}: the process hangs in the kernel.` }),
  };
}

function notProven(machine: Machine, why: { text: string; fix?: string }): HostEnd {
  return {
    host: machine.name,
    gone: false,
    killed: false,
    survivors: [],
    text: `Can't tell whether processes of this server are left on ${machine.name}: ${why.text}`,
    ...(why.fix === undefined ? {} : { fix: why.fix }),
  };
}

function whyNot(
  machine: Machine,
  result: Awaited<ReturnType<HostShell>>,
): { text: string; fix?: string } {
  if (result.said.includes('blind')) {
    return { text: `${machine.name} doesn't show its processes.` };
  }
  const { id: _, ...why } = sshFailure(machine, result) ?? {
    id: 'other',
    text: `${machine.name} ended the connection too early.`,
  };
  return why;
}

/** `NAME=nonce`. A nonce is a random UUID, so it cannot be the beginning of another one. */
function markOf(nonce: string): string {
  if (!/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(nonce)) {
    throw new DomainError('internal', 'The nonce of a server must be a UUID.');
  }
  return `${NONCE_VARIABLE}=${nonce}`;
}
