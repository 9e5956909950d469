import { shortText } from '@shared/domain/memory-labels';
import type { Server } from '@shared/domain/server';
import { isServing } from '@shared/domain/server-state';
import { failureWords } from '@shared/errors/failure-label';
import { formatMemory } from '@shared/format/bytes';
import { formatDay } from '@shared/format/dates';
import { formatDuration } from '@shared/format/durations';
import { actionCommand } from './action-command';
import type { Output } from './output';

/** One row per server. */
export function serverTable(output: Output, servers: readonly Server[]): string[] {
  if (servers.length === 0) {
    return ['No profiles yet. Create one: mlx-manager profile create NAME --model demo'];
  }
  const rows = servers.map((server) => [
    server.name,
    output.state(server.state),
    server.model,
    String(server.port),
    server.memoryBytes === undefined ? '' : formatMemory(server.memoryBytes),
    server.uptimeSeconds === undefined ? '' : formatDuration(server.uptimeSeconds),
    server.failure ? failureWords(server.failure.code) : remark(server) || needs(server),
  ]);
  const header = ['NAME', 'STATE', 'MODEL', 'PORT', 'MEMORY', 'UPTIME', ''];
  return [...output.table(header, rows, [3, 4]), ...failureLines(servers)];
}

/** Below the table: each failure in full, and what helps. */
function failureLines(servers: readonly Server[]): string[] {
  const lines = servers.flatMap(({ name, failure }) => {
    if (failure === undefined) return [];
    const { message, action } = failure;
    const help = action === undefined ? [] : [`  What helps: ${actionCommand(action, name)}`];
    return [`${name}: ${message}`, ...help];
  });
  return lines.length === 0 ? [] : ['', ...lines];
}

/** One line for one server, after something was done with it. */
export function serverLine(output: Output, server: Server): string {
  const more = remark(server);
  return `${server.name}: ${output.state(server.state)}${more === '' ? '' : `  ${more}`}`;
}

/** What it will take, where it takes nothing yet. */
function needs({ state, needsBytes }: Server): string {
  return state === 'stopped' && needsBytes !== undefined ? `needs ${formatMemory(needsBytes)}` : '';
}

/** The crash of a server that runs again by now. */
function crashText({ at, failure, times, run }: NonNullable<Server['incident']>): string {
  const often = times > 1 ? `, ${times} crashes so far` : '';
  const log = run === undefined ? '' : ` Its log: --run ${run}.`;
  return `last crash ${formatDay(at)}${often}: ${failure.message}${log}`;
}

function remark(server: Server): string {
  if (server.failure) return server.failure.message;
  if (server.refusal) return `not started, ${shortText(server.refusal.shortBytes)}`;
  if (server.incident) return crashText(server.incident);
  if (server.concern !== undefined) return server.concern;
  if (server.restartNeeded) return 'restart to apply the changes';
  if (isServing(server.state)) return server.url;
  return server.progress?.phase ?? '';
}
