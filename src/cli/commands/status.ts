import type { Command } from 'commander';

import { readAccessToken } from '@headless/access-token';
import { dataHome, pathsOf, tokenPath } from '@host/paths';
import { VERSION } from '@host/version';
import type { Snapshot } from '@shared/contract';
import { freeMemory } from '@shared/domain/memory-labels';
import type { Machine } from '@shared/domain/metrics';
import { formatMemory } from '@shared/format/bytes';
import type { Context } from '../terminal/context';
import { type Manager, withManager } from '../manager/manager';
import { serverTable } from '../terminal/server-text';

interface StatusManager {
  readonly running: boolean;
  readonly pid?: number;
  readonly version: string;
  readonly host?: 'desktop' | 'headless';
  readonly url?: string;
  readonly home: string;
  readonly token?: string;
}

export function addStatus(program: Command, context: Context): void {
  program
    .command('status')
    .summary('everything at a glance')
    .option('--show-token', 'include the token for logging in')
    .option('--json', 'as JSON')
    .action((options: { showToken?: boolean }) =>
      withManager(context, 'read', (manager) => showStatus(context, manager, options.showToken)),
    );
}

async function showStatus(
  context: Context,
  { client, isRunning }: Manager,
  showToken = false,
): Promise<void> {
  const snapshot = await client.call('app.snapshot');
  const isHeadless = isRunning && snapshot.manager.host === 'headless';
  const wanted = showToken || (isHeadless && context.output.isTerminal && !context.json);
  const paths = pathsOf(dataHome(context.env));
  const token = wanted ? await readAccessToken(tokenPath(paths)) : undefined;
  const manager = managerStatus(snapshot, isRunning, token);
  const { memoryTotal, memoryFree, gpuLimit } = snapshot.machine;
  const status = {
    manager,
    gateway: isRunning ? snapshot.gateway : null,
    machine: { memoryTotal, memoryFree, ...(gpuLimit === undefined ? {} : { gpuLimit }) },
    servers: snapshot.servers,
  };
  context.output.result(status, () => [
    ...managerLines(manager),
    ...(isRunning ? [gatewayLine(snapshot.gateway)] : []),
    memoryLine(snapshot.machine),
    '',
    ...serverTable(context.output, snapshot.servers),
  ]);
}

function managerStatus(
  { manager }: Snapshot,
  isRunning: boolean,
  token: string | undefined,
): StatusManager {
  const secret = token === undefined ? {} : { token };
  if (!isRunning) return { running: false, version: VERSION, home: manager.home, ...secret };
  return {
    running: true,
    pid: manager.pid,
    version: manager.version,
    host: manager.host,
    ...(manager.url === undefined ? {} : { url: manager.url }),
    home: manager.home,
    ...secret,
  };
}

function managerLines(manager: StatusManager): string[] {
  const state = manager.running ? `running (${manager.host}, pid ${manager.pid})` : 'not running';
  return [
    `MLX Manager ${manager.version}  ${state}`,
    ...(manager.url === undefined ? [] : [`Address  ${manager.url}`]),
    ...(manager.token === undefined ? [] : [`Token    ${manager.token}`]),
    `Data     ${manager.home}`,
  ];
}

function gatewayLine({ state, url, failure }: Snapshot['gateway']): string {
  return `Gateway  ${failure?.message ?? url ?? state}`;
}

function memoryLine(machine: Machine): string {
  const { free, total } = freeMemory(machine);
  return `Memory   ${formatMemory(free)} of ${formatMemory(total)} free`;
}
