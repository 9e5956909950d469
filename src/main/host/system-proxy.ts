import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

type Env = Readonly<Record<string, string | undefined>>;

/** It asks a service of the system, which answers at once. */
const LIMIT_MS = 2000;
const SCUTIL = '/usr/sbin/scutil';
const NAMES = ['http_proxy', 'https_proxy', 'all_proxy'];
/** What is on this machine needs no proxy, whatever the settings say. */
const LOCAL = ['localhost', '127.0.0.1', '::1'];

/**
 * The proxy of macOS's network settings as variables, for this program, for installers and for engines; empty
 * where the environment names one, where there is none, and on other systems.
 */
export async function readSystemProxy(env: Env): Promise<Record<string, string>> {
  if (process.platform !== 'darwin' || hasProxy(env)) return {};
  try {
    const { stdout } = await promisify(execFile)(SCUTIL, ['--proxy'], { timeout: LIMIT_MS });
    return proxyVariables(stdout);
  } catch {
    // Without an answer the network is reached directly, as it was before; a failure there names the host.
    return {};
  }
}

function hasProxy(env: Env): boolean {
  return Object.entries(env).some(([name, value]) => value && NAMES.includes(name.toLowerCase()));
}

/**
 * Pure: what `scutil --proxy` prints (a dictionary of SystemConfiguration: `HTTPSEnable : 1`, `HTTPSProxy : host`,
 * `HTTPSPort : 8080`, `ExceptionsList : <array> { 0 : *.local ... }`) as variables. A script that finds proxies (PAC)
 * gives none: it cannot be run here.
 */
export function proxyVariables(text: string): Record<string, string> {
  const value = (name: string): string | undefined =>
    new RegExp(`^\\s*${name} : (.+)$`, 'm').exec(text)?.[1]?.trim();
  const address = (kind: 'HTTP' | 'HTTPS'): string | undefined => {
    const host = value(`${kind}Proxy`);
    const port = value(`${kind}Port`);
    if (value(`${kind}Enable`) !== '1' || !host || !/^[\w.:-]+$/.test(host)) return undefined;
    return `http://${host.includes(':') ? `[${host}]` : host}:${/^\d+$/.test(port ?? '') ? port : 80}`;
  };
  const http = address('HTTP');
  const https = address('HTTPS');
  if (!http && !https) return {};
  const list = /ExceptionsList : <array> \{([^}]*)\}/.exec(text)?.[1] ?? '';
  const exceptions = [...list.matchAll(/^\s*\d+ : (\S+)$/gm)].map(([, name = '']) =>
    name.replace(/^\*\./, '.'),
  );
  return {
    ...(http ? { HTTP_PROXY: http } : {}),
    ...(https ? { HTTPS_PROXY: https } : {}),
    NO_PROXY: [...new Set([...LOCAL, ...exceptions])].join(','),
  };
}
