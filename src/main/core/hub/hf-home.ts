import { existsSync, readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

type Env = Readonly<Record<string, string | undefined>>;

/** Where Python's huggingface_hub keeps everything (its `constants.py`). */
export function huggingFaceHome(env: Env): string {
  if (env.HF_HOME) return expandPath(env.HF_HOME, env);
  const cache = env.XDG_CACHE_HOME || path.join(homeOf(env), '.cache');
  return expandPath(path.join(cache, 'huggingface'), env);
}

/** Where `hf auth login` puts a person's token. */
export function loginTokenFile(env: Env): string {
  const given = env.HF_TOKEN_PATH;
  return given ? expandPath(given, env) : path.join(huggingFaceHome(env), 'token');
}

/** As Python's expanduser and then expandvars: what it does not know, it leaves as it stands. */
export function expandPath(folder: string, env: Env): string {
  const [, user, rest = ''] = /^~([^/]*)(.*)$/s.exec(folder) ?? [];
  const home = user === undefined ? undefined : homeOfUser(user, env);
  const there = home === undefined ? folder : `${home}${rest}`;
  const whole = there.replace(
    /\$(?:(\w+)|\{([^}]*)\})/g,
    (found, name?: string, braced?: string) => env[name ?? braced ?? ''] ?? found,
  );
  return path.resolve(whole);
}

function homeOf(env: Env): string {
  return env.HOME ?? os.homedir();
}

function homeOfUser(user: string, env: Env): string | undefined {
  if (user === '') return homeOf(env);
  try {
    const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
    const listed = lines.find((line) => line.startsWith(`${user}:`))?.split(':')[5];
    if (listed) return listed;
  } catch {
    // Python then asks the system too; on a Mac people are not in this file at all.
  }
  const usual = path.join('/Users', user);
  return process.platform === 'darwin' && existsSync(usual) ? usual : undefined;
}
