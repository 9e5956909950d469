import { isSecretName } from '@shared/domain/secret';

/**
 * What an engine's server inherits; everything else it gets from its profile. A server gives text to whoever asks,
 * and runs code of packages and models: no token of the person who started the manager is its business, and what
 * changes how a program is loaded breaks it in ways that no message names.
 */
const ENGINE_KEEPS = [
  // Who and where: what every program may expect.
  /^(HOME|USER|LOGNAME|SHELL|TMPDIR|TMP|TEMP|TZ|LANG|LANGUAGE|LC_[A-Z]+|TERM)$/,
  /^(XDG_(CACHE|CONFIG|DATA|STATE)_HOME|XDG_RUNTIME_DIR|__CF_USER_TEXT_ENCODING)$/,
  // Where models and caches are, and how the engine computes.
  /^(HF|HUGGINGFACE|TRANSFORMERS)_/,
  /^(MLX|MTL|METAL)_/,
  /^(OMP_NUM_THREADS|VECLIB_MAXIMUM_THREADS|CUDA_VISIBLE_DEVICES|CUDA_HOME)$/,
  // The way to the network, and to other machines.
  /^(HTTP|HTTPS|ALL|FTP|NO)_PROXY$/i,
  /^(SSL_CERT_FILE|SSL_CERT_DIR|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|SSH_AUTH_SOCK)$/,
];

/** What would change which code an installer runs, or belongs to the program that started us. */
const INSTALLER_LACKS = [
  /^(DYLD|LD|NODE|ELECTRON|CONDA|GIT|MALLOC)_/,
  /^npm_/i,
  /^PYTHON(?!_KEYRING_BACKEND$)/,
  /^(VIRTUAL_ENV|OPENSSL_|GLIBC_TUNABLES|GCONV_PATH)/,
  /^(BASH_ENV|ENV|IFS|PS4|INIT_CWD)$/,
];

/**
 * Of what steers uv and pip, how the index is reached is the person's: addresses, names and passwords, proxies,
 * certificates, time limits, the cache. What is installed and where to is ours.
 */
const REACHES_INDEX = [
  /^UV_(DEFAULT_INDEX|INDEX|INDEX_URL|EXTRA_INDEX_URL|INDEX_\w+_(USERNAME|PASSWORD)|INDEX_STRATEGY)$/,
  /^UV_(FIND_LINKS|NO_INDEX|OFFLINE|KEYRING_PROVIDER|CREDENTIALS_DIR|INSECURE_HOST|NETRC)$/,
  /^UV_(SYSTEM_CERTS|NATIVE_TLS|CERT|CLIENT_CERT|HTTP_\w+|REQUEST_TIMEOUT|CONCURRENT_\w+)$/,
  /^UV_((PYTHON|PYPY)_INSTALL_MIRROR|PYTHON_DOWNLOADS_JSON_URL|CACHE_DIR|NO_CACHE|LINK_MODE)$/,
  /^UV_(CONFIG_FILE|NO_CONFIG|\w+_ENDPOINT_URL)$/,
  /^PIP_(INDEX_URL|EXTRA_INDEX_URL|FIND_LINKS|NO_INDEX|PROXY|CERT|CLIENT_CERT|TRUSTED_HOST)$/,
  /^PIP_(KEYRING_PROVIDER|TIMEOUT|DEFAULT_TIMEOUT|RETRIES|CACHE_DIR|NO_CACHE_DIR|CONFIG_FILE)$/,
];

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

/** The environment of an engine's server: of the given one what an engine needs, and what is set for it. */
export function buildChildEnv(
  base: Env,
  extra: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const kept = keep(base, (name) => matches(ENGINE_KEEPS, name) && !isSecretOfPerson(name));
  return { ...kept, PYTHONUNBUFFERED: '1', ...extra };
}

/** The environment of uv and pip: keeps index, certificates, proxies and uv's shared cache. */
export function installerEnv(
  base: Env,
  extra: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const isTheirs = (name: string): boolean => /^(UV|PIP)_/.test(name);
  const kept = keep(base, (name) =>
    isTheirs(name) ? matches(REACHES_INDEX, name) : !matches(INSTALLER_LACKS, name),
  );
  return { ...kept, PYTHONUNBUFFERED: '1', NO_COLOR: '1', ...extra };
}

/** A path is none: ssh asks its agent through one. */
function isSecretOfPerson(name: string): boolean {
  return isSecretName(name) && name !== 'SSH_AUTH_SOCK';
}

function matches(patterns: readonly RegExp[], name: string): boolean {
  return patterns.some((pattern) => pattern.test(name));
}

function keep(base: Env, isKept: (name: string) => boolean): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(base)) {
    if (value !== undefined && isKept(name)) env[name] = value;
  }
  env.PATH = pathWith(base.PATH ?? '');
  return env;
}

/** The PATH with the usual places appended once; folders of node_modules are left out. */
function pathWith(path: string): string {
  const parts = path.split(':').filter((part) => part !== '' && !part.includes('/node_modules/'));
  return [...new Set([...parts, ...SYSTEM_PATHS])].join(':');
}
