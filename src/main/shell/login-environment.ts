import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import type { Seen } from '@core/ports/processes';
import { known, unknown } from '@core/processes/seen';
import { messageOf } from '@shared/errors';

/** A person's shell files may do slow things: version managers alone take seconds after a start of the machine. */
export const LOGIN_LIMIT_MS = 10_000;
/** How long the last of its output may take to arrive after its end. */
const LAST_WORDS_MS = 500;
/** Set while the shell is asked, so that its files can leave out what is slow or asks questions. */
export const RESOLVING = 'MLX_MANAGER_RESOLVING_ENVIRONMENT';
/** What stands before the answer, since shell files print things of their own. */
const MARK = '__mlx_manager_environment__';
/** In words that every shell understands; by their paths, since files may make an alias of a name. */
const QUESTION = `/usr/bin/printf '%s' '${MARK}'; /usr/bin/env -0; exit`;

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
 * gets hardly any: it would look for models in the wrong cache, miss the proxy, and not find their programs.
 */
export async function readLoginEnvironment(
  shell: string | undefined = process.env.SHELL || userInfo().shell || undefined,
  limitMs = LOGIN_LIMIT_MS,
): Promise<Seen<Record<string, string>>> {
  if (!shell?.startsWith('/')) return unknown('no login shell is set');
  const folder = await mkdtemp(path.join(tmpdir(), 'mlx-manager-'));
  try {
    const question = path.join(folder, 'question');
    await writeFile(question, `${QUESTION}\n`);
    const { output, timedOut } = await ask(shell, question, limitMs);
    const env = timedOut ? undefined : answerIn(output);
    if (env) return known(env);
    const within = timedOut ? ` within ${Math.round(limitMs / 1000)} s` : '';
    return unknown(`${shell} didn't respond${within}`);
  } catch (error) {
    return unknown(`${shell} can't be run: ${messageOf(error)}`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * The question is asked on standard input too, for what takes the shell's place where a startup file ends in
 * `exec fish`. From a file: fish reads no socket, which a pipe of Node is.
 */
async function ask(
  shell: string,
  question: string,
  limitMs: number,
): Promise<{ output: string; timedOut: boolean }> {
  const input = await open(question);
  try {
    const child = spawn(shell, argumentsOf(shell), {
      stdio: [input.fd, 'pipe', 'ignore'],
      env: { ...process.env, TERM: 'dumb', [RESOLVING]: '1' },
      timeout: limitMs,
      killSignal: 'SIGKILL',
    });
    const chunks: Buffer[] = [];
    const { stdout } = child;
    if (stdout === null) throw new Error('it printed nothing');
    stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    const closed = once(stdout, 'close');
    // What the shell left in the background may hold its output: the shell's own end counts.
    const [, signal] = await once(child, 'exit');
    if (signal === null) await Promise.race([closed, pause(LAST_WORDS_MS)]);
    stdout.destroy();
    return { output: Buffer.concat(chunks).toString(), timedOut: signal === 'SIGKILL' };
  } finally {
    await input.close();
  }
}

/** Interactive as well: many set their variables in the file for that. Of the C shells `-l` goes alone (tcsh(1)). */
function argumentsOf(shell: string): string[] {
  return /^t?csh$/.test(path.basename(shell)) ? ['-l'] : ['-ilc', QUESTION];
}

function answerIn(stdout: string): Record<string, string> | undefined {
  const pairs = (stdout.split(MARK)[1] ?? '').split('\0').map((line) => {
    const at = line.indexOf('=');
    return [line.slice(0, at), line.slice(at + 1)] as const;
  });
  const env = Object.fromEntries(pairs.filter(([name]) => name !== ''));
  return env.PATH === undefined ? undefined : env;
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
