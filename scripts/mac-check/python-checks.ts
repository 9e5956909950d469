import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';

import { openProcesses } from '@core/processes/open-processes';

import { carriersOf, MARK, told } from './carriers';
import { type Check, type Finding, judge, notHere } from './check';
import type { Context } from './context';
import { ask } from './tool';

/**
 * Pythons that engines may be made of, each signed by somebody else. macOS keeps the environment of some signed
 * programs to itself (sysctl_procargsx in bsd/kern/kern_sysctl.c of XNU), and a server whose mark cannot be read is
 * not found again after a crash of the manager.
 */
const PYTHONS = [
  ['system', '/usr/bin/python3'],
  ['Homebrew', '/opt/homebrew/bin/python3'],
  ['python.org', '/Library/Frameworks/Python.framework/Versions/Current/bin/python3'],
] as const;

export function pythonChecks(context: Context): Check[] {
  return PYTHONS.map(([name, file]) => ({
    name: `mark of a Python (${name})`,
    run: async (signal) =>
      existsSync(file)
        ? findPython(file, context.mark(`python-${name}`), signal)
        : notHere('not installed'),
  }));
}

/** Says that it is up, and ends when its input does. */
const PROGRAM = "import sys; print('up', flush=True); sys.stdin.read()";

async function findPython(file: string, mark: string, signal: AbortSignal): Promise<Finding> {
  if (await isInstallPrompt(file, signal))
    return notHere('the command line tools are not installed');
  const child = spawn(file, ['-c', PROGRAM], {
    env: { ...process.env, [MARK]: mark },
    stdio: ['pipe', 'pipe', 'ignore'],
    signal,
    killSignal: 'SIGKILL',
  });
  const ended = once(child, 'exit').catch(() => undefined);
  try {
    await Promise.race([once(child.stdout, 'data'), ended]);
    if (child.exitCode !== null) return notHere(`it does not run (exit code ${child.exitCode})`);
    const pids = await carriersOf([mark]);
    const { pid = 0 } = child;
    const command = told('the process table', await openProcesses().read(pid))?.command ?? '';
    const wrong = [
      ...(command.includes('sys.stdin.read') ? [] : ['its command line cannot be read']),
      ...(pids.includes(pid) ? [] : ['it is not found by its mark']),
    ];
    return judge(wrong, `${pids.length} found by the mark`);
  } finally {
    child.stdin.end();
    await ended;
  }
}

/** Without the tools the system's own opens a window that asks to install them, so that it must not be run. */
async function isInstallPrompt(file: string, signal: AbortSignal): Promise<boolean> {
  if (process.platform !== 'darwin' || file !== '/usr/bin/python3') return false;
  return (await ask('/usr/bin/xcode-select', ['-p'], { signal })).code !== 0;
}
