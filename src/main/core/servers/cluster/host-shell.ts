import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { DomainError } from '@shared/errors';
import { shellQuote } from '@shared/shell-quote';

/** A machine to run a script on; `ssh: null` is this one. */
export interface Machine {
  readonly name: string;
  readonly ssh: string | null;
}

export interface ShellResult {
  /** null when it was ended, by us or by a signal. */
  readonly code: number | null;
  /** What the script said, line by line; see {@link script}. */
  readonly said: readonly string[];
  readonly stderr: string;
  readonly timedOut: boolean;
  /** From the call to the script's first line: how long it takes to get in. */
  readonly firstLineMs: number;
}

export interface ShellCall {
  readonly limitMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** Runs one of our fixed scripts on a machine. A machine that cannot be reached is a result, not an error. */
export type HostShell = (machine: Machine, script: string, call: ShellCall) => Promise<ShellResult>;

export interface HostShellOptions {
  /** The environment of ssh, with its agent's socket. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The ssh program with leading arguments. */
  readonly ssh?: readonly string[];
  /** The same for this machine's shell. */
  readonly sh?: readonly string[];
}

const CONNECT_SECONDS = 5;
/** After SIGTERM, how long ssh may take to leave. */
const KILL_AFTER_MS = 1000;
const MAX_OUTPUT = 1_000_000;

/**
 * ssh_config(5): never asks anybody, gives up on a silent host, forwards nothing. The script goes over
 * stdin to `sh -s`, so neither the user's login shell nor a list of processes ever sees a value of ours.
 */
const SSH_ARGS = [
  ...['-T', '-x', '-a'],
  ...['-o', 'BatchMode=yes'],
  ...['-o', `ConnectTimeout=${CONNECT_SECONDS}`],
  ...['-o', 'ServerAliveInterval=2', '-o', 'ServerAliveCountMax=3'],
  ...['-o', 'ClearAllForwardings=yes', '-o', 'PermitLocalCommand=no', '-o', 'RequestTTY=no'],
  ...['-o', 'LogLevel=ERROR'],
] as const;

export function openHostShell(options: HostShellOptions): HostShell {
  const { env, ssh = ['ssh'], sh = ['sh'] } = options;
  return (machine, text, call) => {
    const argv =
      machine.ssh === null
        ? [...sh, '-s']
        : [...ssh, ...SSH_ARGS, '--', machine.ssh, 'LC_ALL=C exec sh -s'];
    return run(argv, { ...env, LC_ALL: 'C', SSH_ASKPASS_REQUIRE: 'never' }, text, call);
  };
}

/** Marks the lines that a script says, apart from what a login shell greets with. */
const SAID = 'mlx-manager: ';

/**
 * A whole script out of fixed text and values. The values are quoted assignments; the text is one function,
 * which a shell reads to its end before it runs, so that no command in it can eat the rest. In it, `say`
 * prints a line of the result.
 */
export function script(values: Readonly<Record<string, string>>, text: string): string {
  const assignments = Object.entries(values).map(([name, value]) => {
    if (value.includes('\0')) throw new DomainError('validation', `${name} contains NUL.`);
    return `${name}=${shellQuote(value)}`;
  });
  return [
    'PATH="$PATH:/usr/bin:/bin:/usr/sbin:/sbin"',
    ...assignments,
    `say() { printf '${SAID}%s\\n' "$*"; }`,
    'say hello',
    'main() {',
    text,
    '}',
    'main </dev/null',
    'exit 0',
    '',
  ].join('\n');
}

async function run(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  input: string,
  { limitMs, signal }: ShellCall,
): Promise<ShellResult> {
  throwIfAborted(signal);
  const began = performance.now();
  const [file = '', ...args] = argv;
  // A group of its own, so that a ProxyCommand ends with its ssh.
  const child = spawn(file, args, { env: { ...env }, detached: true, stdio: 'pipe' });
  const output = { stdout: '', stderr: '' };
  let firstLineMs: number | undefined;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    firstLineMs ??= performance.now() - began;
    if (output.stdout.length < MAX_OUTPUT) output.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (output.stderr.length < MAX_OUTPUT) output.stderr += text;
  });
  // EPIPE: it ended before it read everything; its exit and its stderr say why.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const closed = new Promise<number | null>((resolve) => {
    child.once('error', (error) => {
      output.stderr += error.message;
      resolve(null);
    });
    child.once('close', resolve);
  });
  let timedOut = false;
  const end = new GroupEnd(child);
  const onAbort = (): void => end.begin();
  const limit = setTimeout(() => {
    timedOut = true;
    end.begin();
  }, limitMs);
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const code = await closed;
    throwIfAborted(signal);
    const said = output.stdout.split(/\r?\n/).flatMap((line) => {
      return line.startsWith(SAID) ? [line.slice(SAID.length)] : [];
    });
    return {
      code: timedOut ? null : code,
      said,
      stderr: output.stderr.trim(),
      timedOut,
      firstLineMs: firstLineMs ?? performance.now() - began,
    };
  } finally {
    clearTimeout(limit);
    signal?.removeEventListener('abort', onAbort);
    end.finish();
  }
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new DomainError('cancelled', 'Canceled.');
}

/** SIGTERM, then SIGKILL, to the process group of a child that we started. */
class GroupEnd {
  readonly #child: ChildProcessWithoutNullStreams;
  #timer: NodeJS.Timeout | undefined;

  constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child;
  }

  begin(): void {
    if (this.#timer) return;
    this.#signal('SIGTERM');
    this.#timer = setTimeout(() => {
      this.#signal('SIGKILL');
      // A descendant that left the group may hold the pipes open.
      for (const pipe of [this.#child.stdin, this.#child.stdout, this.#child.stderr])
        pipe.destroy();
    }, KILL_AFTER_MS);
  }

  finish(): void {
    if (!this.#timer) return;
    clearTimeout(this.#timer);
    this.#signal('SIGKILL');
  }

  #signal(signal: NodeJS.Signals): void {
    if (this.#child.pid === undefined) return;
    try {
      process.kill(-this.#child.pid, signal);
    } catch (error) {
      // ESRCH: nobody is left in the group, which is what we want; macOS says EPERM of an ended one.
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ESRCH' && code !== 'EPERM') throw error;
    }
  }
}
