import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { LOGIN_LIMIT_MS, readLoginEnvironment } from '@shell/login-environment';

import { endCarriers, MARK } from './carriers';
import { type Check, type Finding, judge, notHere } from './check';
import type { Context } from './context';

interface Shell {
  readonly name: string;
  /** The first of these that is there. */
  readonly files: readonly string[];
  /** Startup files that a login shell reads, below the home. */
  readonly startup: readonly string[];
}

const SHELLS: readonly Shell[] = [
  { name: 'zsh', files: ['/bin/zsh', '/usr/bin/zsh'], startup: ['.zprofile', '.zshrc'] },
  { name: 'bash', files: ['/bin/bash', '/opt/homebrew/bin/bash'], startup: ['.bash_profile'] },
  {
    name: 'fish',
    files: ['/opt/homebrew/bin/fish', '/usr/local/bin/fish', '/usr/bin/fish'],
    startup: ['.config/fish/config.fish'],
  },
];

const MODELS = '/Volumes/My models';
const FOLDER = '/mlx-manager-check/bin';
/** Words that all three shells understand. */
const SETTING = `export HF_HOME='${MODELS}'\nexport PATH="${FOLDER}:$PATH"\n`;
const CHATTY = `echo 'Welcome = to this machine'\necho 'and to its errors' >&2\n`;

const STYLES = {
  chatty: { text: `${CHATTY}${SETTING}${CHATTY}`, isRead: true },
  slow: { text: `sleep 1\n${SETTING}`, isRead: true },
  // Longer than the program waits.
  endless: { text: `${SETTING}sleep 60\n`, isRead: false },
} as const;

/** A machine that does much else may need longer to notice that the shell takes too long, ms. */
const LIMIT_MS = LOGIN_LIMIT_MS + 5000;

/** Each shell that is installed, with startup files that chatter, are slow, or never end. */
export function shellChecks(context: Context): Check[] {
  return SHELLS.flatMap(({ name, files, startup }) => {
    const file = files.find((one) => existsSync(one));
    if (file === undefined) {
      return [{ name: `login environment (${name})`, run: async () => notHere('not installed') }];
    }
    return Object.entries(STYLES).map(([style, { text, isRead }]) => ({
      name: `login environment (${name}, ${style})`,
      run: async () => {
        const home = await mkdtemp(join(context.folder, `${name}-`));
        const [first = ''] = startup;
        for (const one of startup) {
          await mkdir(dirname(join(home, one)), { recursive: true });
          await writeFile(join(home, one), one === first ? text : '');
        }
        return readOf(file, home, context.mark(`${name}-${style}`), isRead);
      },
    }));
  });
}

async function readOf(
  shell: string,
  home: string,
  mark: string,
  isRead: boolean,
): Promise<Finding> {
  const began = performance.now();
  const seen = await withVariables(
    { HOME: home, ZDOTDIR: home, XDG_CONFIG_HOME: join(home, '.config'), [MARK]: mark },
    () => readLoginEnvironment(shell),
  );
  const tookMs = performance.now() - began;
  const read = seen.known ? seen.value : {};
  // What the shell started outlives it.
  await endCarriers([mark]);
  const wrong: string[] = [];
  if (isRead && read.HF_HOME !== MODELS) wrong.push('the variable of the file is not read');
  if (isRead && !read.PATH?.split(':').includes(FOLDER)) wrong.push('its PATH is not read');
  if (!isRead && Object.keys(read).length > 0) wrong.push('half an answer was taken');
  if (tookMs > LIMIT_MS) wrong.push('it takes too long');
  return judge(wrong, `${Object.keys(read).length} variables in ${(tookMs / 1000).toFixed(2)} s`);
}

/** The environment is this process's own, since that is what the program hands on; the names are put back. */
async function withVariables<T>(
  variables: Readonly<Record<string, string>>,
  work: () => Promise<T>,
): Promise<T> {
  // HF_HOME of whoever runs this must not be taken for that of the file.
  const names = [...Object.keys(variables), 'HF_HOME'];
  const before = names.map((name) => [name, process.env[name]] as const);
  delete process.env.HF_HOME;
  Object.assign(process.env, variables);
  try {
    return await work();
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}
