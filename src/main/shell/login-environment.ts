import { execFile } from 'node:child_process';
import { userInfo } from 'node:os';
import { promisify } from 'node:util';

/** A person's shell files may do slow things; without an answer everything stays as it is. */
const LIMIT_MS = 3000;
/** What stands before the answer, since shell files print things of their own. */
const MARK = '__mlx_manager_environment__';

/** What an engine or an installer needs of the person's own environment; nothing else is taken over. */
const WANTED = [
  /^PATH$/,
  /^HF_/,
  /^HUGGINGFACE_HUB_CACHE$/,
  /^XDG_CACHE_HOME$/,
  /^(HTTPS?|ALL|NO)_PROXY$/i,
  /^SSL_CERT_(FILE|DIR)$/,
  /^NODE_EXTRA_CA_CERTS$/,
  /^REQUESTS_CA_BUNDLE$/,
  /^(UV|PIP)_/,
];

/**
 * The environment that the person's login shell makes. An application that is started by a double-click or at login
 * gets hardly any: it would look for models in the wrong cache, miss the proxy, and not find their programs. Empty
 * when the shell does not tell.
 */
export async function readLoginEnvironment(
  shell: string | undefined = process.env.SHELL || userInfo().shell || undefined,
): Promise<Record<string, string>> {
  if (!shell?.startsWith('/')) return {};
  try {
    const run = promisify(execFile);
    // Interactive as well: many set their variables in the file for that.
    const { stdout } = await run(shell, ['-ilc', `printf '%s' '${MARK}'; /usr/bin/env -0`], {
      timeout: LIMIT_MS,
      killSignal: 'SIGKILL',
      maxBuffer: 4 * 1024 * 1024,
      env: { ...process.env, TERM: 'dumb' },
    });
    const pairs = (stdout.split(MARK)[1] ?? '').split('\0').map((line) => {
      const at = line.indexOf('=');
      return [line.slice(0, at), line.slice(at + 1)] as const;
    });
    return Object.fromEntries(pairs.filter(([name]) => name !== ''));
  } catch {
    return {};
  }
}

type Env = Readonly<Record<string, string | undefined>>;

/** Pure: what is to be set. What the application was given itself stays, but for the PATH, which is joined. */
export function takenOver(login: Env, own: Env): Record<string, string> {
  const taken = Object.entries(login).filter(
    ([name, value]) =>
      value && own[name] === undefined && WANTED.some((pattern) => pattern.test(name)),
  );
  return { ...(Object.fromEntries(taken) as Record<string, string>), PATH: joinedPath(login, own) };
}

/** The login shell's folders first, then what else was there, each once. */
function joinedPath(login: Env, own: Env): string {
  const folders = [...(login.PATH ?? '').split(':'), ...(own.PATH ?? '').split(':')];
  return [...new Set(folders.filter((folder) => folder.startsWith('/')))].join(':');
}
