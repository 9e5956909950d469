import type { ToolResult } from '../tools/tool-runner';

type Env = Readonly<Record<string, string>>;

/** How the index is reached; everything else in a person's settings decides what goes where, which is ours. */
const REACH = new Set([
  ...['index-url', 'extra-index-url', 'find-links', 'no-index', 'proxy', 'cert', 'client-cert'],
  ...['trusted-host', 'keyring-provider', 'timeout', 'default-timeout', 'retries', 'cache-dir'],
  ...['no-cache-dir', 'use-feature', 'use-deprecated'],
]);

/**
 * The environment for a pip that follows the person's settings of the way to the index, and no others: `user`,
 * `target` or `require-virtualenv` in one of its files contradict what is asked of it. `listed`: `pip config list`.
 * Where it did not answer, its files are left to it.
 */
export function readPipSettings(env: Env, listed: Pick<ToolResult, 'code' | 'stdout'>): Env {
  if (listed.code !== 0) return env;
  const settings: Record<string, string> = {};
  for (const section of ['global', 'install']) {
    for (const line of listed.stdout.split('\n')) {
      const [, of, key = '', quoted = ''] = /^([\w-]+)\.([\w-]+)=(['"].*)$/.exec(line.trim()) ?? [];
      if (of !== section || !REACH.has(key)) continue;
      settings[`PIP_${key.replaceAll('-', '_').toUpperCase()}`] = unquoted(quoted);
    }
  }
  return { ...settings, ...env, PIP_CONFIG_FILE: '/dev/null' };
}

/** A text as Python writes it; the parts of a list, one a line there, are words in the environment. */
function unquoted(text: string): string {
  const bare = text
    .slice(1, -1)
    .replaceAll(/\\(.)/g, (_, sign: string) => (sign === 'n' || sign === 't' ? ' ' : sign));
  return bare.trim().replaceAll(/\s+/g, ' ');
}
