import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { writeFileDurably } from '../../storage/durable-file';

type Env = Readonly<Record<string, string>>;

/**
 * How the package index is reached, taken out of a person's `uv.toml`. The rest of such a file decides what is
 * installed and where to, which is ours: a cut-off date, a target folder or a resolution of theirs broke
 * installations with causes that were none.
 */
const REACH = new Set([
  ...['index-url', 'extra-index-url', 'index-strategy', 'find-links', 'no-index', 'offline'],
  ...[
    'keyring-provider',
    'allow-insecure-host',
    'native-tls',
    'system-certs',
    'cert',
    'client-cert',
  ],
  ...['http-proxy', 'https-proxy', 'no-proxy', 'cache-dir', 'no-cache', 'link-mode'],
  ...['python-install-mirror', 'pypy-install-mirror', 'python-downloads-json-url'],
  ...['concurrent-downloads', 'concurrent-installs', 'concurrent-builds'],
]);
/** Tables that are kept whole, and those of which the keys above are. */
const WHOLE = /^\[\[index\]\]$/;
const SIFTED = /^\[pip\]$/;

interface Entry {
  /** `index-url`, `[pip]` before it where it stands there; of a table, the table. */
  readonly key: string;
  readonly text: string;
}

/**
 * The settings of these files that say how the index is reached, as one file; of two that say the same, the
 * earlier file's. A file that cannot be read to its end by these rules gives what was read until there.
 */
export function indexSettings(files: readonly string[]): string {
  const top = new Map<string, string>();
  const pip = new Map<string, string>();
  const indexes: string[] = [];
  for (const file of files) {
    const entries = entriesOf(file);
    const isFirst = (map: Map<string, string>, key: string): boolean => !map.has(key);
    const own = entries.filter(({ key }) =>
      key.startsWith('[pip]') ? isFirst(pip, key) : isFirst(top, key),
    );
    for (const { key, text } of own) {
      if (key === '[[index]]') indexes.push(text);
      else if (key.startsWith('[pip]')) pip.set(key, text);
      else top.set(key, text);
    }
  }
  const parts = [...top.values(), ...indexes];
  if (pip.size > 0) parts.push('[pip]', ...pip.values());
  return parts.map((part) => `${part}\n`).join('');
}

/** Keys with what they are set to, and whole tables. */
function entriesOf(file: string): Entry[] {
  const entries: Entry[] = [];
  const lines = file.split(/\r?\n/);
  let table = '';
  for (let at = 0; at < lines.length; at += 1) {
    const line = withoutComment(lines[at] ?? '').trim();
    if (line.startsWith('[')) {
      table = line.replaceAll(/\s/g, '');
      if (WHOLE.test(table)) entries.push({ key: table, text: table });
      continue;
    }
    const key = /^"?([\w-]+)"?\s*=/.exec(line)?.[1];
    if (key === undefined) continue;
    const from = at;
    while (isOpen(lines.slice(from, at + 1)) && at + 1 < lines.length) at += 1;
    const text = lines.slice(from, at + 1).join('\n');
    const last = entries.at(-1);
    if (WHOLE.test(table) && last)
      entries[entries.length - 1] = { ...last, text: `${last.text}\n${text}` };
    else if (table === '' && REACH.has(key)) entries.push({ key, text });
    else if (SIFTED.test(table) && REACH.has(key)) entries.push({ key: `[pip]${key}`, text });
  }
  return entries;
}

/** Whether a list goes on in the next line. */
function isOpen(lines: readonly string[]): boolean {
  const bare = lines
    .map((line) => withoutComment(line).replaceAll(/"[^"]*"|'[^']*'/g, ''))
    .join('');
  const count = (sign: string): number => bare.split(sign).length - 1;
  return count('[') + count('{') > count(']') + count('}');
}

function withoutComment(line: string): string {
  return /^(?:[^#"']|"(?:[^"\\]|\\.)*"|'[^']*')*/.exec(line)?.[0] ?? '';
}

/**
 * Writes into this folder what the person's own settings of uv say about the way to the index, and nothing else.
 * @returns the file's path. @throws the system's error where their file is there and cannot be read.
 */
export async function writeUvSettings(folder: string, env: Env): Promise<string> {
  const file = path.join(folder, 'uv.toml');
  const found = await Promise.all(settingsFiles(env).map(readIfThere));
  const text = indexSettings(found.filter((one) => one !== undefined));
  if ((await readIfThere(file)) !== text) await writeFileDurably(file, text);
  return file;
}

/** Where uv looks for a person's and for the machine's settings (docs.astral.sh/uv, "Configuration files"). */
function settingsFiles({
  UV_CONFIG_FILE,
  UV_NO_CONFIG,
  XDG_CONFIG_HOME,
  HOME = '',
}: Env): string[] {
  if (/^(1|true|yes|on|t|y)$/i.test(UV_NO_CONFIG ?? '')) return [];
  if (UV_CONFIG_FILE) return [UV_CONFIG_FILE];
  const own = XDG_CONFIG_HOME ? XDG_CONFIG_HOME : path.join(HOME, '.config');
  return [path.join(own, 'uv', 'uv.toml'), '/etc/xdg/uv/uv.toml', '/etc/uv/uv.toml'];
}

async function readIfThere(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  });
}

/**
 * uv trusts the certificates that the system trusts, as everything else here does: a company's proxy signs with one
 * that only the system knows. Where somebody said something about it, that holds.
 */
export function systemCertificates(env: Env, isThere = existsSync): Record<string, string> {
  const said = ['UV_SYSTEM_CERTS', 'UV_NATIVE_TLS', 'SSL_CERT_FILE', 'SSL_CERT_DIR'];
  if (said.some((name) => env[name])) return {};
  const hasStore =
    process.platform === 'darwin' ||
    ['/etc/ssl/certs', '/etc/ssl/cert.pem'].some((at) => isThere(at));
  // The second is what it is called in versions before 0.11.
  return hasStore ? { UV_SYSTEM_CERTS: '1', UV_NATIVE_TLS: '1' } : {};
}
