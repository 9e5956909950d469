import type { Command } from 'commander';

import type { VersionChange } from '@shared/domain/engine';
import type { Client } from '@shared/rpc/client';
import type { Context } from '../terminal/context';
import { withManager } from '../manager/manager';

/** `engine diff ID [OTHER]`: what putting ID in use would change, against OTHER or the one in use. */
export function addEngineDiff(
  engine: Command,
  context: Context,
  findInstallation: (client: Client, id: string) => Promise<string>,
): void {
  engine
    .command('diff')
    .summary('compare an installation with the one in use, or with another')
    .argument('<id>')
    .argument('[other]', 'the installation to compare with')
    .option('--json', 'as JSON')
    .action((id: string, other: string | undefined) =>
      withManager(context, 'read', async ({ client }) => {
        const installationId = await findInstallation(client, id);
        const from = other === undefined ? undefined : await findInstallation(client, other);
        const change = await client.call('engines.change', {
          installationId,
          ...(from === undefined ? {} : { from }),
        });
        context.output.result(change, () => changeLines(change));
      }),
    );
}

/** The change in lines; `nothing` where there is none. */
export function changeLines({ from, to, drift, profiles }: VersionChange): string[] {
  const lines = [
    ...drift.added.map((key) => `  new      ${key}`),
    ...drift.removed.map((key) => `  gone     ${key}`),
    ...drift.changed.map(
      ({ key, what, before, after }) => `  changed  ${key}: ${what} ${before} is now ${after}`,
    ),
  ];
  const head = from === null ? `${to} (none is in use)` : `${from} to ${to}`;
  return [
    `Options, ${head}:`,
    ...(lines.length > 0 ? lines : ['  the same']),
    `Profiles that will use it from their next start: ${profiles.map(({ name }) => name).join(', ') || 'none'}`,
    ...profileLines(profiles),
  ];
}

/** What a switch does to profiles, one line for each problem. */
export function profileLines(profiles: VersionChange['profiles']): string[] {
  return profiles.flatMap(({ name, problems }) => problems.map((text) => `  ${name}: ${text}`));
}
