import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import { text } from 'node:stream/consumers';

/** What one command took. */
export interface Took {
  readonly seconds: number;
  /** CPU time of the command and of every process that it started, s. */
  readonly cpuSeconds: number;
}

/** proc(5): `cutime` and `cstime`, in ticks of 10 ms, of the children that were waited for. */
const CHILDREN_TIME = [13, 14] as const;

/**
 * Runs a command from its start to its end. A shell around it says what CPU time its process tree took.
 * @throws Error with what it said, when it fails.
 */
export async function runTimed(
  command: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<Took> {
  const script = '"$@"; code=$?; cat /proc/$$/stat >&3; exit $code';
  const began = performance.now();
  const child = spawn('sh', ['-c', script, 'sh', ...command], {
    env,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const times = child.stdio[3];
  if (!child.stdout || !child.stderr || !times || !('readable' in times))
    throw new Error('no pipe');
  const [said, complained, stat, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    text(times),
    once(child, 'close'),
  ]);
  const seconds = (performance.now() - began) / 1000;
  if (code !== 0) throw new Error(`${command[0]} exited ${code}: ${said.slice(-500)}${complained}`);
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = CHILDREN_TIME.reduce((sum, at) => sum + Number(fields[at]), 0);
  return { seconds, cpuSeconds: ticks / 100 };
}

/** The program's own first line about its version; undefined where it is not installed. */
export async function versionOf(command: string, ...args: string[]): Promise<string | undefined> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const failed = once(child, 'error').then(() => undefined);
  const said = Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]).then(
    ([out, err]) => /\d+\.\d+(?:\.\d+)*/.exec(`${out}${err}`)?.[0],
  );
  return Promise.race([failed, said]);
}
