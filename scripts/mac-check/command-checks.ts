import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { type Check, type Finding, judge, notOk } from './check';
import type { Context } from './context';
import { ask, wordsOf } from './tool';

/** How a manager or a command is started. */
export interface Program {
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The stand-in for Electron tells its driver what is done; here nobody listens. */
  readonly hasDriver?: boolean;
}

export const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;

/** Neither the person's data folder is used nor their models; the system's temporary folder stays, for its length. */
export function dataOf(home: string, folder: string): Record<string, string> {
  return { MLX_MANAGER_HOME: home, HF_HOME: join(folder, 'models') };
}

/** The commands that need no manager, each with the time that it takes. */
export function commandChecks(context: Context, program: Program, where: string): Check[] {
  return ['version', 'status', 'doctor'].map((command) => ({
    name: `mlx-manager ${command} (${where})`,
    run: (signal) => runCommand(context, program, command, signal),
  }));
}

/** Longer than that is too long for a person who waits for a prompt, ms; the doctor may wait for the network. */
const COMMAND_MS = 5000;
const DOCTOR_MS = 20_000;

async function runCommand(
  { folder }: Context,
  { file, args }: Program,
  command: string,
  signal: AbortSignal,
): Promise<Finding> {
  const home = join(folder, 'command');
  await mkdir(home, { recursive: true });
  const answer = await ask(file, [...args, command, '--json'], {
    signal,
    env: dataOf(home, folder),
  });
  const json = parsed(answer.stdout);
  // The doctor ends with 1 where it finds a problem: on an empty data folder no engine is installed.
  const isFine = answer.code === 0 || (command === 'doctor' && answer.code === 1);
  if (json === undefined || !isFine) return notOk(wordsOf(answer));
  const limitMs = command === 'doctor' ? DOCTOR_MS : COMMAND_MS;
  return judge(
    answer.ms < limitMs ? [] : ['it takes too long'],
    `${seconds(answer.ms)}${command === 'doctor' ? `, ${doctorSays(json)}` : ''}`,
  );
}

function parsed(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** How many checks of the doctor are in which state, and which are no problem of an empty folder alone. */
function doctorSays(json: object): string {
  const checks: unknown = Reflect.get(json, 'checks');
  const list = Array.isArray(checks) ? (checks as { id: string; state: string }[]) : [];
  const ids = (state: string): string =>
    list
      .filter((one) => one.state === state)
      .map(({ id }) => id)
      .join(', ') || 'none';
  return `${list.length} checks; problems: ${ids('problem')}; warnings: ${ids('warning')}`;
}
