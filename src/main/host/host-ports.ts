import { join } from 'node:path';

import { systemClock } from '@core/ports/clock';
import { openProcesses } from '@core/processes/open-processes';
import { readMachineMemory } from '@core/metrics/machine-memory';
import type { Desktop, DocumentStore, Logger, Paths, Ports, Vault } from '@core/ports';
import { createDocumentStore } from './document-store';
import { createFileVault, KEYCHAIN_DOCUMENT } from './file-vault';
import { FileLogger, logLevel } from './file-logger';
import { PLACES } from './resources';
import { VERSION } from './version';

type Env = Readonly<Record<string, string | undefined>>;

/** Where the manager's own log is. */
export function managerLogPath(paths: Paths): string {
  return join(paths.logs, 'manager.log');
}

/** The manager's own log in the data folder. */
export function openManagerLog(
  paths: Paths,
  env: Env,
  onFailure: (sentence: string) => void,
): FileLogger {
  return new FileLogger({
    path: managerLogPath(paths),
    level: logLevel(env.MLX_MANAGER_LOG),
    clock: systemClock,
    onFailure,
  });
}

/** What a plain Node program supplies to the core. */
export function createHostPorts(options: {
  paths: Paths;
  env: Env;
  logger: Logger;
  document?: Ports['document'];
  /** Where the shipped files are, when it is not beside the program. */
  resources?: string;
  desktop?: Desktop;
  /** The system's keychain, where the host has one. */
  vault?: Vault;
  gateway?: Ports['gateway'];
  /** What the person is to be told at the start. */
  warnings?: readonly string[];
}): Ports {
  const { paths, env, logger } = options;
  const keychain = createDocumentStore(paths.documents, KEYCHAIN_DOCUMENT);
  return {
    host: options.desktop ? 'desktop' : 'headless',
    ...(options.desktop ? { desktop: options.desktop } : {}),
    ...(options.warnings ? { warnings: options.warnings } : {}),
    ...(options.gateway ? { gateway: options.gateway } : {}),
    version: VERSION,
    paths,
    vault: options.vault ?? createFileVault(join(paths.home, 'secrets.json'), keychain),
    resources: options.resources ?? PLACES.resources,
    clock: systemClock,
    logger,
    env,
    processes: openProcesses(logger.child('processes')),
    machineMemory: readMachineMemory,
    document: options.document ?? ((name) => createDocumentStore(paths.documents, name)),
  };
}

/**
 * Documents for looking only: what is on disk can be read, what is written stays in memory. A command
 * that only shows something must not change anything, nor stand in the way of one that does.
 */
export function readOnlyDocuments(paths: Paths): Ports['document'] {
  return (name): DocumentStore => {
    const disk = createDocumentStore(paths.documents, name);
    let written: string | undefined;
    return {
      path: disk.path,
      lookingOnly: true,
      read: async () => written ?? (await disk.read()),
      write: async (value) => {
        written = JSON.stringify(value);
      },
    };
  };
}

/** A logger for commands that leave no trace. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLogger,
};
