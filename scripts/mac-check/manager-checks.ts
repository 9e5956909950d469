import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, existsSync } from 'node:fs';
import { mkdtemp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { openProcesses } from '@core/processes/open-processes';
import { readLock } from '@core/storage/home-lock';
import { findManager } from '@host/find-manager';
import { managerLogPath } from '@host/host-ports';
import { pathsOf } from '@host/paths';
import { SET_UP_VARIABLE } from '@fixtures/electron/wire';
import { createClient } from '@shared/rpc/client';

import { carriersOf, MARK, told } from './carriers';
import { type Check, type Finding, judge, notHere, notOk, onMac } from './check';
import { commandChecks, dataOf, type Program, seconds } from './command-checks';
import type { Context } from './context';
import { isThere } from './package-checks';
import { judgeLoginItem } from './parsers';

const appProgram = (app: string): string => join(app, 'Contents', 'MacOS', 'MLX Manager');
const appCommand = (app: string): string =>
  join(app, 'Contents', 'Resources', 'bin', 'mlx-manager');

/** The command as a program of its own, made by scripts/executable.mjs. */
const executable = (root: string): string =>
  join(root, 'dist', 'command', `${process.platform}-${process.arch}`, 'bin', 'mlx-manager');

const made = (check: Check, { file }: Program): Check =>
  existsSync(file) ? check : { ...check, run: async () => notHere('npm run executable makes it') };

const serving = ({ file, args }: Program): Program => ({
  file,
  args: [...args, 'serve', '--no-demo', '--port', '0'],
});

/** The application itself, which has a login item as well. */
const APP = 'app';

/** Managers with data folders of their own, and the command line beside them. */
export function managerChecks(context: Context): Check[] {
  const { root, app } = context;
  const source: Program = { file: process.execPath, args: [join(root, 'dist', 'main', 'cli.js')] };
  const packaged: Program = { file: appCommand(app), args: [] };
  const alone: Program = { file: executable(root), args: [] };
  const hidden: Program = { file: appProgram(app), args: ['--hidden'] };
  const inApp = (check: Check): Check =>
    onMac(isThere(app) ? check : { ...check, run: async () => notHere('there is no package') });
  const ofCommand = (program: Program, where: string): Check[] => [
    {
      name: `manager without a desktop (${where})`,
      limitMs: 90_000,
      run: startAndQuit(context, serving(program), where),
    },
    ...commandChecks(context, program, where),
  ];
  return [
    ...ofCommand(source, 'source'),
    ...ofCommand(alone, 'executable').map((check) => made(check, alone)),
    inApp({ name: 'application', limitMs: 90_000, run: startAndQuit(context, hidden, APP) }),
    ...(process.platform === 'darwin' ? [] : [standIn(context)]),
    ...ofCommand(packaged, 'package').map(inApp),
  ];
}

/** The built application under the stand-in for Electron, so that this check is tried where there is no Mac. */
function standIn(context: Context): Check {
  const { root } = context;
  const register = join(root, 'tests', 'fixtures', 'electron', 'register.mjs');
  const setUp = { packaged: true, resourcesPath: join(root, 'resources') };
  const program: Program = {
    file: process.execPath,
    args: ['--import', register, join(root, 'dist', 'main', 'shell.js'), '--hidden'],
    env: { [SET_UP_VARIABLE]: JSON.stringify(setUp) },
    hasDriver: true,
  };
  const name = 'application (the stand-in for Electron)';
  return { name, limitMs: 90_000, run: startAndQuit(context, program, APP) };
}

/** From the start until the local socket answers, and from the wish to quit until nothing is left, ms. */
const START_MS = 45_000;
const QUIT_MS = 25_000;
const STEP_MS = 50;

/** Starts a manager on an empty data folder, asks it who it is, has it quit, and looks for what it left. */
function startAndQuit(context: Context, program: Program, where: string) {
  const { file, args, env, hasDriver } = program;
  return async (signal: AbortSignal): Promise<Finding> => {
    const home = await mkdtemp(join(context.folder, 'home-'));
    const paths = pathsOf(home);
    const mark = context.mark(`manager-${where}`);
    const log = createWriteStream(join(home, 'output.txt'));
    await once(log, 'open');
    const began = performance.now();
    const child = spawn(file, args, {
      env: { ...process.env, ...dataOf(home, context.folder), ...env, [MARK]: mark },
      stdio: ['ignore', log, log, ...(hasDriver ? (['ipc'] as const) : [])],
      detached: true,
    });
    const ended = endOf(child);
    try {
      const answer = await firstAnswer(
        paths,
        ended.then(() => 'ended' as const),
        signal,
      );
      if (answer === undefined) return notOk(`its socket does not answer: ${await lastLine(home)}`);
      const startMs = performance.now() - began;
      const { snapshot, quitAt } = answer;
      const exit = await within(ended, QUIT_MS, signal);
      const quitMs = performance.now() - quitAt;
      const wrong =
        exit === undefined ? ['it did not quit'] : await leftovers(paths, mark, child.pid);
      if (exit !== undefined && exit !== 0) wrong.push(`it ended with ${exit}`);
      const { desktop, manager } = snapshot;
      const item = desktop ? judgeLoginItem(desktop.loginItem) : undefined;
      if (where === APP && item?.state !== 'ok')
        wrong.push(`login item: ${item?.seen ?? 'not told'}`);
      if (manager.pid !== child.pid) wrong.push('another manager answered');
      if (await hasNoLibrary(paths)) wrong.push('it cannot call the library of the system');
      const more = item ? `; login item ${item.seen}; update ${desktop?.update.state}` : '';
      return judge(wrong, `answers after ${seconds(startMs)}, quits in ${seconds(quitMs)}${more}`);
    } finally {
      await endGroup(child, ended);
      log.close();
    }
  };
}

/** What it says of itself once its socket answers; it is asked to quit over the same connection. */
async function firstAnswer(
  paths: ReturnType<typeof pathsOf>,
  ended: Promise<'ended'>,
  signal: AbortSignal,
) {
  const deadline = performance.now() + START_MS;
  while (performance.now() < deadline && !signal.aborted) {
    const { transport } = await findManager(paths);
    if (transport) {
      transport.lost.catch(() => undefined);
      try {
        const client = createClient(transport);
        const snapshot = await client.call('app.snapshot');
        const quitAt = performance.now();
        await client.call('app.quit', {});
        return { snapshot, quitAt };
      } finally {
        transport.close();
      }
    }
    if ((await within(ended, STEP_MS, signal)) === 'ended') return undefined;
  }
  return undefined;
}

/** How long its helpers may take to follow it, ms. */
const LEAVE_MS = 3000;

async function leftovers(
  paths: ReturnType<typeof pathsOf>,
  mark: string,
  pgid: number | undefined,
): Promise<string[]> {
  const deadline = performance.now() + LEAVE_MS;
  let left = await membersLeft(mark, pgid);
  while (left > 0 && performance.now() < deadline) {
    await pause(STEP_MS);
    left = await membersLeft(mark, pgid);
  }
  return [
    ...(left === 0 ? [] : [`${left} processes are left`]),
    ...(existsSync(paths.socket) ? ['its socket is left'] : []),
    ...((await readLock(paths.home)) === undefined ? [] : ['its lock is left']),
  ];
}

/** By the mark and by the group, since macOS keeps the environment of some programs to itself. */
async function membersLeft(mark: string, pgid: number | undefined): Promise<number> {
  const table = told('the process table', await openProcesses().list());
  const group = table.filter((one) => one.pgid === pgid && one.state !== 'Z');
  return new Set([...(await carriersOf([mark])), ...group.map(({ pid }) => pid)]).size;
}

/** Whether it had to make do with ps and lsof, of which it says so in its log (open-processes.ts). */
async function hasNoLibrary(paths: ReturnType<typeof pathsOf>): Promise<boolean> {
  const text = await readFile(managerLogPath(paths), 'utf8');
  return text.includes('The library of the system cannot be called');
}

async function lastLine(home: string): Promise<string> {
  const text = await readFile(join(home, 'output.txt'), 'utf8').catch(() => '');
  return text.trim().split('\n').at(-1) || 'it printed nothing';
}

/** The exit code, or the signal's name; where it cannot be started, why. */
function endOf(child: ChildProcess): Promise<number | string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(code ?? signal ?? 'no code'));
  });
}

/** What the work gives; undefined after the time, or when the check is to end. */
async function within<T>(
  work: Promise<T>,
  ms: number,
  signal?: AbortSignal,
): Promise<T | undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const stop = (): void => resolve(undefined);
  const timer = setTimeout(stop, ms);
  signal?.addEventListener('abort', stop);
  if (signal?.aborted) stop();
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
  }
}

const TERM_MS = 10_000;

/** Ends a process that still runs, with its group; one that has ended has left nothing, or that was a finding. */
async function endGroup(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  const { pid } = child;
  if (pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await within(ended, TERM_MS);
  if (child.exitCode !== null || child.signalCode !== null) return;
  // Its own group (it was started detached), whose number is its own while it lives.
  process.kill(-pid, 'SIGKILL');
  await ended;
}
