import {
  type Cluster,
  type HostCheck,
  type HostCheckItem,
  machinesOf,
} from '@shared/domain/cluster';
import { formatDisk } from '@shared/format/bytes';
import { type HostShell, type Machine, script } from './host-shell';
import { sshFailure } from './ssh-failure';

export interface HostCheckInput {
  readonly cluster: Cluster;
  /** The server's program; it must be at the same path everywhere. */
  readonly program: string;
  /** The interpreter that knows the program's packages (`<venv>/bin/python`). */
  readonly python: string;
  /** Distributions that must have the same version everywhere, the engine's own first. */
  readonly packages: readonly string[];
  /** The folder with the weights, at the same path everywhere. */
  readonly modelPath: string;
}

export interface HostCheckCall {
  readonly shell: HostShell;
  readonly signal?: AbortSignal | undefined;
  /** The longest one machine may take. */
  readonly limitMs?: number | undefined;
}

const LIMIT_MS = 20_000;

/**
 * Looks at every machine at once, in the order of the cluster. Changes nothing anywhere.
 * @throws DomainError `cancelled` when the signal aborts; then nothing of it goes on.
 */
export async function checkHosts(input: HostCheckInput, call: HostCheckCall): Promise<HostCheck[]> {
  const { shell, signal, limitMs = LIMIT_MS } = call;
  const machines = machinesOf(input.cluster);
  const text = checkScript(input);
  const answers = await Promise.all(
    machines.map(async (machine): Promise<HostAnswer> => {
      const result = await shell(machine, text, { limitMs, signal });
      const failure = sshFailure(machine, result);
      return failure
        ? { machine, failure }
        : { machine, facts: readFacts(result.said), milliseconds: result.firstLineMs };
    }),
  );
  return judgeHosts(input, answers);
}

/** The fixed text; what differs are quoted assignments in front of it. */
const CHECK = `
  if [ -f "$PROGRAM" ] && [ -x "$PROGRAM" ]; then say program yes; fi
  if [ -x "$PYTHON" ]; then
    for package in $PACKAGES; do
      say version "$package" "$("$PYTHON" -I -c "$ASK" "$package" 2>/dev/null)"
    done
  fi
  { ip addr || ifconfig -a; } 2>/dev/null | awk '$1 == "inet" { sub("/.*", "", $2); print $2 }' |
    while read -r address; do say address "$address"; done
  if [ -d "$MODEL" ] && cd "$MODEL"; then
    say model "$(find -L . -name '.?*' -prune -o -type f -exec ls -lnLd {} + |
      awk '{ bytes += $5; files += 1 } END { printf "%.0f %.0f", files, bytes }')"
  fi
`;

const ASK_VERSION = 'import sys, importlib.metadata as m; print(m.version(sys.argv[1]))';

/** What is run on every machine. */
export function checkScript(input: HostCheckInput): string {
  const values = {
    PROGRAM: input.program,
    PYTHON: input.python,
    PACKAGES: input.packages.join(' '),
    ASK: ASK_VERSION,
    MODEL: input.modelPath,
  };
  return script(values, CHECK);
}

/** What a machine says about itself. */
export interface HostFacts {
  readonly program: boolean;
  /** Versions by distribution; a missing one is absent. */
  readonly versions: Readonly<Record<string, string>>;
  readonly addresses: readonly string[];
  readonly model?: { readonly files: number; readonly bytes: number };
}

export type HostAnswer =
  | { readonly machine: Machine; readonly facts: HostFacts; readonly milliseconds: number }
  | {
      readonly machine: Machine;
      readonly failure: { readonly text: string; readonly fix?: string };
    };

/** Reads the lines of {@link checkScript}. */
export function readFacts(lines: readonly string[]): HostFacts {
  const words = lines.map((line) => line.trim().split(/\s+/));
  const of = (kind: string): string[][] =>
    words.flatMap(([first, ...rest]) => (first === kind ? [rest] : []));
  const [files, bytes] = of('model')[0] ?? [];
  return {
    program: of('program').length > 0,
    versions: Object.fromEntries(
      of('version').flatMap(([name = '', version]) => (version ? [[name, version]] : [])),
    ),
    addresses: of('address').flat(),
    ...(files === undefined || bytes === undefined
      ? {}
      : { model: { files: Number(files), bytes: Number(bytes) } }),
  };
}

/** Compares every machine with the first, which is this one. */
export function judgeHosts(input: HostCheckInput, answers: readonly HostAnswer[]): HostCheck[] {
  const first = answers[0];
  const own = first && 'facts' in first ? first.facts : undefined;
  return answers.map((answer, index) => {
    const checks = 'failure' in answer ? unreachable(answer) : judge(input, answer, index, own);
    return { host: answer.machine.name, ok: checks.every(({ ok }) => ok), checks };
  });
}

function unreachable({ failure }: Extract<HostAnswer, { failure: unknown }>): HostCheckItem[] {
  const { text, fix } = failure;
  return [{ id: 'reachable', ok: false, text, ...(fix === undefined ? {} : { fix }) }];
}

function judge(
  input: HostCheckInput,
  answer: Extract<HostAnswer, { facts: unknown }>,
  index: number,
  own: HostFacts | undefined,
): HostCheckItem[] {
  const { facts, machine, milliseconds } = answer;
  const isThis = machine.ssh === null;
  const items: HostCheckItem[] = isThis
    ? []
    : [{ id: 'reachable', ok: true, text: `ssh ${Math.round(milliseconds)} ms` }];
  const address = judgeAddresses(input.cluster.hosts[index]?.addresses ?? [], machine, facts);
  if (address) items.push(address);
  items.push(judgeEngine(input, facts, isThis ? undefined : own));
  items.push(judgeModel(input, facts, isThis ? undefined : own));
  return items;
}

/** undefined when there is nothing to compare: no address is used, or the machine names none. */
function judgeAddresses(
  wanted: readonly string[],
  machine: Machine,
  facts: HostFacts,
): HostCheckItem | undefined {
  if (wanted.length === 0 || facts.addresses.length === 0) return undefined;
  const strange = wanted.filter((address) => !facts.addresses.includes(address));
  if (strange.length === 0) return { id: 'address', ok: true, text: wanted.join(', ') };
  const others = facts.addresses.filter((address) => !address.startsWith('127.'));
  return {
    id: 'address',
    ok: false,
    text: `${strange.join(', ')} doesn't belong to ${machine.name}.`,
    fix: others.length === 0 ? 'Check its network settings.' : `It has ${others.join(', ')}.`,
  };
}

function judgeEngine(
  input: HostCheckInput,
  facts: HostFacts,
  own: HostFacts | undefined,
): HostCheckItem {
  const [engine = ''] = input.packages;
  const version = facts.versions[engine];
  if (!facts.program || version === undefined) {
    const wanted = own?.versions[engine];
    return {
      id: 'engine',
      ok: false,
      text: `${input.program} isn't on this machine.`,
      fix: `Install ${engine}${wanted === undefined ? '' : ` ${wanted}`} at the same path.`,
    };
  }
  for (const name of input.packages) {
    const [here, there] = [own?.versions[name], facts.versions[name]];
    if (own === undefined || here === there) continue;
    return {
      id: 'engine',
      ok: false,
      text: `${name} ${there ?? 'is missing'}, this machine has ${here ?? 'none'}.`,
      fix: here === undefined ? `Install ${name} here.` : `Install ${name} ${here} there.`,
    };
  }
  return { id: 'engine', ok: true, text: `${engine} ${version}` };
}

function judgeModel(
  input: HostCheckInput,
  facts: HostFacts,
  own: HostFacts | undefined,
): HostCheckItem {
  const { model } = facts;
  const fix = `Copy ${input.modelPath} to the same path there.`;
  if (model === undefined) {
    return {
      id: 'model',
      ok: false,
      text: "The model isn't on this machine.",
      ...(own === undefined ? {} : { fix }),
    };
  }
  const here = own?.model;
  if (here !== undefined && here.bytes !== model.bytes) {
    // The difference too: rounded, both sizes may read the same.
    const difference = `${formatDisk(Math.abs(model.bytes - here.bytes))} ${model.bytes > here.bytes ? 'more' : 'less'}`;
    const text = `The model has ${formatDisk(model.bytes)} in ${model.files} files, ${difference} than on this machine (${formatDisk(here.bytes)} in ${here.files}).`;
    return { id: 'model', ok: false, text, fix };
  }
  return { id: 'model', ok: true, text: formatDisk(model.bytes) };
}
