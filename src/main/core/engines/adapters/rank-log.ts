import { type Cluster, type RankPlace, ranksOf } from '@shared/domain/cluster';
import type { LogLine } from '@shared/domain/log';
import type { FailurePattern, LogFinding } from './adapter';

/**
 * Texts of mlx 0.32.4 (mlx/distributed/ring, mlx/_distributed_utils/launch.py) and mlx-lm 0.32.2
 * (utils.py, server.py) that name a cause. Seen on real runs of two ranks: a socket that cannot be bound,
 * no pipelining, no index, too few heads, a draft model, no mpirun. The others were read in the source.
 */
const CAUSES: readonly FailurePattern[] = [
  {
    code: 'port_in_use',
    pattern: /\[ring\] Couldn't bind socket \(error: (?:98|48)\)/,
    fatal: true,
    message: 'Another program uses a port that the ranks need for their data.',
  },
  {
    code: 'bad_option',
    pattern: /\[ring\] Couldn't bind socket \(error: (?:99|49)\)/,
    fatal: true,
    message: "A data address doesn't belong to its machine.",
  },
  {
    code: 'not_answering',
    pattern: /\[ring\] Couldn't connect/,
    fatal: true,
    message: "A rank couldn't reach its neighbor at the data address.",
  },
  {
    code: 'bad_option',
    pattern: /The model does not support pipelining/,
    fatal: true,
    message: "This model can't be split by layers. Choose “Within layers” (tensor).",
  },
  {
    code: 'bad_option',
    pattern: /The model does not support tensor parallelism/,
    fatal: true,
    message: "This model can't be split within layers. Choose “By layers” (pipeline).",
  },
  {
    code: 'bad_option',
    pattern: /The model does not support any sharding/,
    fatal: true,
    message: "This model can't be split between machines.",
  },
  {
    code: 'bad_option',
    pattern: /No such file or directory: .{0,1024}model\.safetensors\.index\.json/,
    fatal: true,
    message:
      "Splitting by layers needs a weight index, which this model doesn't have. Choose “Within layers” (tensor).",
  },
  {
    code: 'bad_option',
    pattern: /\[reshape\] Cannot infer the shape of an empty array/,
    fatal: true,
    message: 'The model has fewer attention heads than ranks. Use fewer ranks.',
  },
  {
    code: 'bad_option',
    pattern: /Loading with adapters or draft models not supported in distributed mode/,
    fatal: true,
    message: "A model split between ranks can't use an adapter or a draft model.",
  },
  {
    code: 'bad_option',
    pattern: /The hostfile is malformed: (.+)/,
    fatal: true,
    message: 'The launcher rejected the list of machines: $1.',
  },
  {
    code: 'bad_option',
    pattern: /mlx\.launch: error: (.+)/,
    fatal: true,
    message: 'The launcher rejected its command: $1.',
  },
  {
    code: 'engine_missing',
    pattern: /'which', 'mpirun'/,
    fatal: true,
    message: "The MPI connection needs Open MPI, which isn't installed on this machine.",
  },
];

/** Said by the ranks that are left when one is gone. It names no rank and is the effect of something else. */
const LOST: FailurePattern = {
  code: 'exited',
  pattern: /\[ring\] connection to a peer was lost/,
  fatal: true,
  message: 'The ranks lost contact: one of them ended, or the network between them failed.',
};

/** The effects of a lost rank; an engine's own texts are not looked for in them. */
const EFFECT = /\[ring\] (?:connection to a peer|Socket|Sending|Receiving|Too many)/;

/**
 * The launcher's word on the end of a rank. What is before it differs: two threads write at once. `was
 * killed` is what the launcher did itself.
 */
const RANK_END = /Node with rank (\d+) exited with code (-?\d+)/;

/** Printed by rank 0 after all ranks have found each other (mlx_lm/server.py, run). */
const JOINED = /Starting httpd at |\[ring\]/;

/**
 * Every text of a cluster's log that means failure: for the watch while it loads, where any fatal line
 * counts. Which of several lines is the cause is told by {@link findClusterFailure}.
 */
export function clusterFailures(cluster: Cluster): readonly FailurePattern[] {
  return [...CAUSES, LOST, ...ranksOf(cluster).map(rankEndPattern)];
}

function rankEndPattern(place: RankPlace): FailurePattern {
  return {
    code: 'exited',
    // -15 is the launcher's own doing, after another rank had ended.
    pattern: new RegExp(`Node with rank ${place.rank} exited with code (?!-15\\b)(-?\\d+)`),
    fatal: true,
    message: `${nameOf(place)} ended (code $1), which ended the others too.`,
  };
}

/**
 * The cause of a cluster's end. The launcher exits 0 when a rank has died, so its log is all there is; and
 * the newest line is an effect there, not the cause. In order: a text that names a cause, the rank that
 * ended first, the loss of the connection.
 */
export function findClusterFailure(
  cluster: Cluster,
  engineFailures: readonly FailurePattern[],
  lines: readonly LogLine[],
): LogFinding | undefined {
  const own = lines.filter((line) => line.source === 'engine');
  const end = firstRankEnd(cluster, own);
  // Nothing that a rank said can be the cause of its SIGKILL.
  const cause =
    end?.code === -SIGKILL && end.place.ssh === null ? undefined : newestCause(engineFailures, own);
  if (cause) {
    const where = end === undefined ? '' : ` This happened in ${lowerFirst(nameOf(end.place))}.`;
    return { ...cause, message: `${cause.message}${where}` };
  }
  if (end) {
    const joined = own.some(({ text }) => JOINED.test(text));
    return { ...rankEndCause(end.place, end.code, joined), fatal: true, line: end.line };
  }
  return newestOf([LOST], own);
}

const SIGKILL = 9;
/** ssh(1): 255 when ssh itself failed, and also when the far program was ended by a signal under a terminal. */
const SSH_ENDED = 255;

interface RankEnd {
  readonly place: RankPlace;
  /** Negative for a signal, as Python gives it. */
  readonly code: number;
  readonly line: LogLine;
}

function firstRankEnd(cluster: Cluster, lines: readonly LogLine[]): RankEnd | undefined {
  const places = ranksOf(cluster);
  for (const line of lines) {
    const match = RANK_END.exec(line.text);
    const rank = Number(match?.[1]);
    if (!match || Number(match[2]) === 0) continue;
    const place = places[rank] ?? { rank, name: 'an unknown machine', ssh: null };
    return { place, code: Number(match[2]), line };
  }
  return undefined;
}

function rankEndCause(
  place: RankPlace,
  code: number,
  joined: boolean,
): Pick<LogFinding, 'code' | 'message'> {
  const who = nameOf(place);
  if (place.ssh !== null && code === SSH_ENDED) {
    return {
      code: 'exited',
      message: joined
        ? `${who} ended, or the ssh connection to it broke.`
        : `Couldn't reach ${place.name} over ssh to start rank ${place.rank}.`,
    };
  }
  if (place.ssh !== null && code < 0) {
    return {
      code: 'exited',
      message: `The ssh connection to ${lowerFirst(who)} was ended by signal ${-code}.`,
    };
  }
  if (code === 126 || code === 127) {
    return {
      code: 'engine_missing',
      message: `The engine's program is missing on ${place.name} or isn't executable there.`,
    };
  }
  if (code === -SIGKILL) {
    return {
      code: 'exited',
      message: `${who} was killed, either by the system because memory ran out or by another program.`,
    };
  }
  const how = code < 0 ? `signal ${-code}` : `exit code ${code}`;
  return { code: 'exited', message: `${who} ended (${how}), which ended the others too.` };
}

function newestCause(
  engineFailures: readonly FailurePattern[],
  lines: readonly LogLine[],
): LogFinding | undefined {
  return newestOf(
    [...CAUSES, ...engineFailures],
    lines.filter(({ text }) => !EFFECT.test(text)),
  );
}

function newestOf(
  patterns: readonly FailurePattern[],
  lines: readonly LogLine[],
): LogFinding | undefined {
  for (const line of lines.toReversed()) {
    for (const { code, pattern, fatal, message } of patterns) {
      const match = pattern.exec(line.text);
      if (!match) continue;
      const filled = message.replace(/\$(\d)/g, (_, group: string) => match[Number(group)] ?? '');
      return { code, fatal, line, message: filled };
    }
  }
  return undefined;
}

/** `Rank 1 on Studio`. */
function nameOf(place: RankPlace): string {
  return `Rank ${place.rank} on ${place.name}`;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
