import { execFile } from 'node:child_process';
import { userInfo } from 'node:os';
import { promisify } from 'node:util';

/** A person's shell files may do slow things; without an answer the PATH stays as it is. */
const LIMIT_MS = 5000;
/** What stands around the answer, since shell files print things of their own. */
const MARK = '__mlx_manager_path__';

/**
 * The PATH that the person's login shell makes. An application that is started by a double-click or at login gets
 * hardly any, and so would neither find their programs nor know where a command can be put. Undefined when the shell
 * does not tell.
 */
export async function readLoginPath(
  shell: string | undefined = process.env.SHELL || userInfo().shell || undefined,
): Promise<string | undefined> {
  if (!shell?.startsWith('/')) return undefined;
  try {
    const run = promisify(execFile);
    // Interactive as well: many set their PATH in the file for that.
    const script = `printf '%s' '${MARK}'; printenv PATH; printf '%s' '${MARK}'`;
    const { stdout } = await run(shell, ['-ilc', script], {
      timeout: LIMIT_MS,
      killSignal: 'SIGKILL',
      env: { ...process.env, TERM: 'dumb' },
    });
    return stdout.split(MARK)[1]?.trim() || undefined;
  } catch {
    return undefined;
  }
}

/** Pure: the login shell's folders first, then what else was there, each once. */
export function joinedPath(login: string | undefined, own: string | undefined): string {
  const folders = [...(login ?? '').split(':'), ...(own ?? '').split(':')];
  return [...new Set(folders.filter((folder) => folder.startsWith('/')))].join(':');
}
