/** Names that would change what a child runs, or belong to the program that started us. */
const REMOVED = [
  /^DYLD_/,
  /^LD_(PRELOAD|LIBRARY_PATH|AUDIT)$/,
  /^NODE_/,
  /^ELECTRON_/,
  /^npm_/i,
  /^PYTHON(PATH|HOME|STARTUP|BREAKPOINT|INSPECT|EXECUTABLE|USERBASE)$/,
  /^VIRTUAL_ENV/,
  /^CONDA_/,
  /^(BASH_ENV|ENV|IFS|PS4|INIT_CWD)$/,
  /^GIT_/,
];

/** Kept for installers only: what their way to the package index needs. */
const INSTALLER_ONLY = [/^UV_/, /^PIP_/];

/** Where Homebrew and the system keep programs; an app started by double-click gets almost no PATH. */
const SYSTEM_PATHS = [
  '/opt/homebrew/bin',
  '/usr/local/bin',
  '/usr/bin',
  '/bin',
  '/usr/sbin',
  '/sbin',
];

type Env = Readonly<Record<string, string | undefined>>;

/** The environment of an engine's server: the given one without what could change what runs. */
export function buildChildEnv(
  base: Env,
  extra: Readonly<Record<string, string>> = {},
): Record<string, string> {
  return { ...cleaned(base, [...REMOVED, ...INSTALLER_ONLY]), PYTHONUNBUFFERED: '1', ...extra };
}

/** The environment of uv and pip: keeps index, certificates, proxies and uv's shared cache. */
export function installerEnv(
  base: Env,
  extra: Readonly<Record<string, string>> = {},
): Record<string, string> {
  return { ...cleaned(base, REMOVED), PYTHONUNBUFFERED: '1', NO_COLOR: '1', ...extra };
}

function cleaned(base: Env, removed: readonly RegExp[]): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(base)) {
    if (value !== undefined && !removed.some((pattern) => pattern.test(name))) env[name] = value;
  }
  env.PATH = pathWith(env.PATH ?? '');
  return env;
}

/** The PATH with the usual places appended once; folders of node_modules are left out. */
function pathWith(path: string): string {
  const parts = path.split(':').filter((part) => part !== '' && !part.includes('/node_modules/'));
  return [...new Set([...parts, ...SYSTEM_PATHS])].join(':');
}
