import { join } from 'node:path';

import { DomainError } from '@shared/errors';
import { plistText } from '@shared/domain/plist';

const LABEL = 'app.mlx-manager.serve';

/** Where root puts it, so that launchd runs it from the start of the machine, with nobody logged in. */
export const PLIST_PATH = `/Library/LaunchDaemons/${LABEL}.plist`;

/** Of the environment it is printed in, what says where things lie; nothing in it may be a secret: everybody reads it. */
const VARIABLES = ['PATH', 'MLX_MANAGER_HOME', 'HF_HOME', 'HF_HUB_CACHE', 'HF_ENDPOINT'];

export interface ServiceFacts {
  /** The words that start this program, and those after them. */
  readonly program: readonly string[];
  readonly words: readonly string[];
  /** Whose data and models they are. */
  readonly user: string;
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * `serve` as a daemon of launchd (launchd.plist(5)): of the person, not of root; started again after a crash and not
 * after a quit; with more than the 15 s that a quit may take before it is killed.
 * @throws DomainError validation for what a property list cannot hold, or where the program will not stay.
 */
export function launchdService({ program, words, user, home, env }: ServiceFacts): string {
  refuseFleeting(program[0] ?? '');
  const variables = VARIABLES.flatMap((name) => {
    const value = env[name];
    return value ? [`    <key>${name}</key>${plistText(name, value)}`] : [];
  });
  const log = plistText('the log', join(home, 'Library', 'Logs', 'mlx-manager-serve.log'));
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">',
    '<plist version="1.0">',
    '<dict>',
    `  <key>Label</key>${plistText('the label', LABEL)}`,
    `  <key>UserName</key>${plistText('the user', user)}`,
    '  <key>ProgramArguments</key>',
    '  <array>',
    ...program.map((word) => `    ${plistText('the program', word)}`),
    ...words.map((word) => `    ${plistText('the command', word)}`),
    '  </array>',
    '  <key>EnvironmentVariables</key>',
    '  <dict>',
    `    <key>HOME</key>${plistText('HOME', home)}`,
    ...variables,
    '  </dict>',
    '  <key>RunAtLoad</key><true/>',
    '  <key>KeepAlive</key><dict><key>SuccessfulExit</key><false/></dict>',
    '  <key>ExitTimeOut</key><integer>20</integer>',
    // Otherwise the system holds back the work of a daemon, and of the servers that it starts.
    '  <key>ProcessType</key><string>Interactive</string>',
    `  <key>StandardErrorPath</key>${log}`,
    '</dict>',
    '</plist>',
  ].join('\n');
}

/** An application that was not moved from its disk image, or that macOS runs from a place of its own, is gone later. */
function refuseFleeting(program: string): void {
  if (!/^\/Volumes\/|\/AppTranslocation\//.test(program)) return;
  throw new DomainError(
    'validation',
    `A service cannot start ${program}: it will not stay there. Move MLX Manager to /Applications and run the command from there.`,
  );
}
