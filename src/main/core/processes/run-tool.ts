import { execa } from 'execa';

import type { Seen } from '../ports/processes';
import { known, unknown } from './seen';

/** How long a program of the system may take before its answer counts as unknown, ms. */
const LIMIT_MS = 8000;
const MAX_BYTES = 64 * 1024 * 1024;

/** What a program of the system answered. */
export interface ToolAnswer {
  readonly pid: number | undefined;
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs `ps` or `lsof`, whose words, numbers and dates depend on language and time zone unless they are told
 * not to. Unknown when it cannot be started, is killed, takes too long or prints more than can be kept.
 */
export async function runTool(name: string, args: readonly string[]): Promise<Seen<ToolAnswer>> {
  const child = execa(name, [...args], {
    reject: false,
    env: { LC_ALL: 'C', TZ: 'UTC' },
    stdin: 'ignore',
    stripFinalNewline: false,
    maxBuffer: MAX_BYTES,
    timeout: LIMIT_MS,
    // Some way out of a program that does not listen to SIGTERM either.
    forceKillAfterDelay: 500,
  });
  const result = await child;
  if (result.timedOut) return unknown(`${name} did not answer within ${LIMIT_MS / 1000} s`);
  if (result.isMaxBuffer) return unknown(`${name} printed more than can be read`);
  if (result.exitCode === undefined) {
    return unknown(`${name} could not be run: ${result.shortMessage ?? 'unknown reason'}`);
  }
  return known({
    pid: child.pid,
    code: result.exitCode,
    stdout: result.stdout,
    stderr: result.stderr.trim(),
  });
}

/** Why the answer of a program is not to be used, for a sentence. */
export function badAnswer(name: string, { code, stderr }: ToolAnswer): Seen<never> {
  const words = stderr === '' ? '' : `: ${stderr.slice(0, 200)}`;
  return unknown(`${name} ended with exit code ${code}${words}`);
}
