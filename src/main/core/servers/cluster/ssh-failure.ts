import type { Machine, ShellResult } from './host-shell';

/** Why a machine could not be asked, and what to do about it. */
export interface SshFailure {
  readonly id:
    | 'no_ssh'
    | 'unknown_name'
    | 'unknown_key'
    | 'changed_key'
    | 'no_key'
    | 'refused'
    | 'no_route'
    | 'timeout'
    | 'no_shell'
    | 'other';
  readonly text: string;
  readonly fix?: string;
}

/** ssh(1): "or with 255 if an error occurred". */
const SSH_ERROR = 255;

/** What macOS 15 and newer answers for an application that may not look into the local network. */
const LOCAL_NETWORK =
  ' macOS reports the same error when it blocks MLX Manager from the local network. Allow it in System Settings, Privacy & Security, Local Network.';

interface Rule {
  readonly id: SshFailure['id'];
  readonly pattern: RegExp;
  readonly text: (name: string) => string;
  readonly fix?: (target: string, platform: NodeJS.Platform) => string;
}

/** Texts of OpenSSH 9 (sshconnect.c, ssh.c, readconf.c), the first that fits; each kind was seen on a real run. */
const RULES: readonly Rule[] = [
  {
    id: 'changed_key',
    pattern: /REMOTE HOST IDENTIFICATION HAS CHANGED|POSSIBLE DNS SPOOFING/,
    text: (name) => `${name} has a different host key than the one this machine knows.`,
    fix: (target) =>
      `Find out why it changed. If that machine was set up again: ssh-keygen -R ${hostOf(target)}, then ssh ${target} once in a terminal.`,
  },
  {
    id: 'unknown_key',
    pattern: /Host key verification failed|host key is known for/,
    text: (name) => `The host key of ${name} isn't known to this machine yet.`,
    fix: (target) =>
      `Run ssh ${target} once in a terminal, compare the key it shows, and answer yes.`,
  },
  {
    id: 'no_key',
    pattern: /Permission denied|Too many authentication failures|No supported authentication/,
    text: (name) =>
      `${name} doesn't accept this machine's ssh keys, and MLX Manager can't enter a password.`,
    fix: (target) =>
      `Run ssh-copy-id ${target} in a terminal. A key with a passphrase also needs ssh-add.`,
  },
  {
    id: 'unknown_name',
    pattern: /Could not resolve hostname/,
    text: (name) => `The address of ${name} can't be found.`,
    fix: (target) => `Check the name ${hostOf(target)}, or give its IP address.`,
  },
  {
    id: 'refused',
    pattern: /Connection refused/,
    text: (name) => `${name} is reachable, but doesn't accept ssh connections.`,
    fix: () => 'Turn on Remote Login there (System Settings, General, Sharing).',
  },
  {
    id: 'no_route',
    pattern: /No route to host|Network is unreachable|Host is down/,
    text: (name) => `No network route to ${name}.`,
    fix: (_target, platform) =>
      `Make sure it is on, awake and on the same network.${platform === 'darwin' ? LOCAL_NETWORK : ''}`,
  },
  {
    id: 'timeout',
    pattern: /timed out|Timeout, server .{0,300} not responding/,
    text: (name) => `${name} didn't respond in time.`,
    fix: () => 'Make sure it is on, awake and on the same network.',
  },
];

/** Why the machine did not run the script to its end; undefined when it did. */
export function sshFailure(
  machine: Machine,
  result: ShellResult,
  platform: NodeJS.Platform = process.platform,
): SshFailure | undefined {
  if (result.code === 0) return undefined;
  const { name } = machine;
  const target = machine.ssh ?? '';
  if (result.timedOut) {
    const rule = RULES.find(({ id }) => id === 'timeout');
    if (rule) return filled(rule, name, target, platform);
  }
  if (/ENOENT/.test(result.stderr) && result.code === null) {
    return {
      id: 'no_ssh',
      text: "ssh isn't installed on this machine.",
      fix: 'Install OpenSSH.',
    };
  }
  if (result.code === SSH_ERROR) {
    const rule = RULES.find(({ pattern }) => pattern.test(result.stderr));
    if (rule) return filled(rule, name, target, platform);
  }
  const last = result.stderr.split('\n').at(-1)?.trim() ?? '';
  const said = last === '' ? '' : `: ${last.slice(0, 300)}`;
  if (result.code === 126 || result.code === 127) {
    return { id: 'no_shell', text: `${name} couldn't run sh${said}.` };
  }
  const how = result.code === null ? 'was ended' : `ended with ${result.code}`;
  return { id: 'other', text: `${machine.ssh === null ? 'sh' : 'ssh'} to ${name} ${how}${said}.` };
}

function filled(rule: Rule, name: string, target: string, platform: NodeJS.Platform): SshFailure {
  const fix = rule.fix?.(target, platform);
  return { id: rule.id, text: rule.text(name), ...(fix === undefined ? {} : { fix }) };
}

function hostOf(target: string): string {
  return target.slice(target.lastIndexOf('@') + 1);
}
