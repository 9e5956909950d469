import { execa } from 'execa';

/** What a program printed and how it ended. */
export interface Answer {
  /** Undefined where it could not be started, was killed, or took too long; `problem` says which. */
  readonly code: number | undefined;
  readonly problem: string | undefined;
  readonly stdout: string;
  /** `codesign` and `spctl` print here. */
  readonly stderr: string;
  readonly ms: number;
}

export interface AskOptions {
  readonly signal: AbortSignal;
  /** ms */
  readonly limitMs?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** Runs a program without a shell and without input, in the C locale; it is killed when the signal aborts. */
export async function ask(
  file: string,
  args: readonly string[],
  { signal, limitMs = 50_000, env = {}, cwd }: AskOptions,
): Promise<Answer> {
  const began = performance.now();
  const result = await execa(file, [...args], {
    reject: false,
    env: { LC_ALL: 'C', TZ: 'UTC', ...env },
    ...(cwd === undefined ? {} : { cwd }),
    stdin: 'ignore',
    timeout: limitMs,
    cancelSignal: signal,
    forceKillAfterDelay: 500,
    maxBuffer: 64 * 1024 * 1024,
  });
  return {
    code: result.exitCode,
    problem: result.exitCode === undefined ? (result.shortMessage ?? 'unknown') : undefined,
    stdout: result.stdout,
    stderr: result.stderr,
    ms: performance.now() - began,
  };
}

/** Its error or else the last line of what it said, for a report; or why it could not be run. */
export function wordsOf({ problem, stdout, stderr, code }: Answer): string {
  const lines = `${stdout}\n${stderr}`.trim().split('\n');
  const last = lines.find((line) => /^(\w+)?Error: /.test(line)) ?? lines.at(-1) ?? '';
  return problem ?? `exit code ${code}${last === '' ? '' : `: ${last}`}`;
}
