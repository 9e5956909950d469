import { createHash } from 'node:crypto';
import type { EngineOption, Installation } from '@shared/domain/engine';
import type { ModelKind } from '@shared/domain/hub';
import type { ServerProfile } from '@shared/domain/profile';
import { LAUNCH_FIELDS } from '@shared/domain/profile-fields';
import { plistText } from '@shared/domain/plist';
import { shellQuote } from '@shared/shell-quote';
import type { EngineAdapter } from '../../engines/adapters/adapter';
import { buildChildEnv } from '../../processes/child-env';

/** What will be executed. */
export interface Launch {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

export interface LaunchInput {
  readonly profile: Pick<ServerProfile, 'host' | 'port' | 'options' | 'env' | 'extraArgs'>;
  readonly adapter: EngineAdapter;
  readonly installation: Pick<Installation, 'command'> | undefined;
  readonly bin: string;
  readonly known: readonly EngineOption[];
  readonly modelPath: string;
  readonly modelKind?: ModelKind | undefined;
  /** The manager's own environment. */
  readonly baseEnv: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

/** Common to all engines: no call home, no bars in the log, weights only from disk. */
const COMMON_ENV = {
  PYTHONUNBUFFERED: '1',
  HF_HUB_OFFLINE: '1',
  HF_HUB_DISABLE_TELEMETRY: '1',
  HF_HUB_DISABLE_PROGRESS_BARS: '1',
  HF_HUB_DISABLE_UPDATE_CHECK: '1',
  TOKENIZERS_PARALLELISM: 'false',
} as const;

/** The exact command and environment of a profile: argv, never a shell. */
export function buildLaunch(input: LaunchInput): Launch {
  const { profile, adapter } = input;
  const argv = adapter.command({
    bin: input.bin,
    command: input.installation?.command,
    modelPath: input.modelPath,
    modelKind: input.modelKind,
    host: profile.host,
    port: profile.port,
    options: profile.options,
    known: input.known,
    extraArgs: profile.extraArgs,
  });
  return { ...argv, env: launchEnv(input), cwd: input.cwd };
}

function launchEnv(input: LaunchInput): Record<string, string> {
  return buildChildEnv(input.baseEnv, ownEnv(input));
}

/** The variables that the manager and the profile set, without the inherited ones: what a person is shown. */
export function ownEnv(input: Pick<LaunchInput, 'adapter' | 'profile'>): Record<string, string> {
  return { ...COMMON_ENV, ...input.adapter.environment, ...input.profile.env };
}

/** Fields whose change needs a new process, as one comparable text: it lies on the disk and tells no value. */
export function launchFingerprint(profile: ServerProfile, installation: string | null): string {
  const sorted = (map: object): unknown => Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1));
  const fields = LAUNCH_FIELDS.map((field) => {
    if (field === 'installation') return installation;
    // The order in which somebody typed them changes nothing.
    return field === 'options' || field === 'env' ? sorted(profile[field]) : profile[field];
  });
  return hiddenFingerprint(JSON.stringify(fields));
}

/** The same of one that an earlier version wrote down with every value; one of today stays. */
export function hiddenFingerprint(text: string): string {
  return text.startsWith('[') ? createHash('sha256').update(text).digest('hex') : text;
}

/** The command as one line for a POSIX shell. */
export function shellLine(argv: readonly string[], env: Readonly<Record<string, string>>): string {
  const assignments = Object.entries(env).map(([name, value]) => `${name}=${shellQuote(value)}`);
  return [...assignments, ...argv.map(shellQuote)].join(' ');
}

/** The command as a launchd property list (launchd.plist(5)). @throws DomainError validation for what one cannot hold. */
export function launchdPlist(
  label: string,
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
  cwd: string,
): string {
  const variables = Object.entries(env).map(
    ([name, value]) => `    ${plistText('the name', name, 'key')}${plistText(name, value)}`,
  );
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">',
    '<plist version="1.0">',
    '<dict>',
    `  <key>Label</key>${plistText('the label', label)}`,
    '  <key>ProgramArguments</key>',
    '  <array>',
    ...argv.map((word) => `    ${plistText('the word', word)}`),
    '  </array>',
    '  <key>EnvironmentVariables</key>',
    '  <dict>',
    ...variables,
    '  </dict>',
    `  <key>WorkingDirectory</key>${plistText('the folder', cwd)}`,
    '  <key>RunAtLoad</key><true/>',
    '</dict>',
    '</plist>',
    '',
  ].join('\n');
}
