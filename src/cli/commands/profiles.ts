import type { Command } from 'commander';

import type { HostCheck, Rank } from '@shared/domain/cluster';
import type { ServerProfile } from '@shared/domain/profile';
import { DomainError } from '@shared/errors';
import { maskProfile } from '@shared/domain/secret';
import { formatMemory } from '@shared/format/bytes';
import type { Client } from '@shared/rpc/client';
import type { Context } from '../terminal/context';
import { withManager } from '../manager/manager';
import { findNamed } from '../manager/names';
import { addProfileEditing } from './profile-edit';

export function addProfileCommands(program: Command, context: Context): void {
  const profile = program.command('profile').summary('saved configurations of servers');
  addProfileEditing(profile, context);
  profile
    .command('list')
    .summary('every profile')
    .option('--json', 'as JSON')
    .action(() =>
      withManager(context, 'read', async ({ client }) => {
        const all = await client.call('profiles.listLocal');
        const shown = all.map((one) => maskProfile(one, 'secrets'));
        context.output.result(shown, () => profileTable(context, shown));
      }),
    );
  profile
    .command('show')
    .summary('show everything a profile stores')
    .argument('<name>')
    .option('--show-secrets', 'include secrets')
    .option('--json', 'as JSON')
    .action((name: string, options: { showSecrets?: boolean }) =>
      withManager(context, 'read', async ({ client }) => {
        const stored = await findProfile(client, name);
        const found = options.showSecrets === true ? stored : maskProfile(stored, 'secrets');
        context.output.result(found, () => profileLines(found));
      }),
    );
  addDuplicate(profile, context);
  addDelete(profile, context);
  addCommand(profile, context);
  addHosts(profile, context);
}

/** The profile with values unmasked. */
export async function findProfile(client: Client, name: string): Promise<ServerProfile> {
  return findNamed('profile', await client.call('profiles.listLocal'), name);
}

function addDuplicate(profile: Command, context: Context): void {
  profile
    .command('duplicate')
    .summary('copy a profile under another name and port')
    .argument('<name>')
    .argument('[new]', 'name for the copy')
    .option('--json', 'as JSON')
    .action((name: string, newName: string | undefined) =>
      withManager(context, 'write', async ({ client }) => {
        const { id } = await findProfile(client, name);
        const copy = await client.call('profiles.duplicate', {
          profileId: id,
          ...(newName === undefined ? {} : { name: newName }),
        });
        context.output.result(copy, () => `Created ${copy.name} on port ${copy.port}.`);
      }),
    );
}

/** Exits 1 when a machine is not ready, as a start would fail. */
function addHosts(profile: Command, context: Context): void {
  profile
    .command('hosts')
    .summary('check each machine that the profile runs on')
    .argument('<name>')
    .option('--json', 'as JSON')
    .action((name: string) =>
      withManager(context, 'read', async ({ client }) => {
        const found = await findProfile(client, name);
        const checks = await client.call('profiles.checkHosts', { profileId: found.id });
        const ranks = await client.call('servers.ranks', { profileId: found.id });
        const hosts = checks.map((check) => ({
          ...check,
          ranks: ranks.filter(({ host }) => host === check.host),
        }));
        context.output.result(hosts, () =>
          hosts.length === 0
            ? [`${found.name} runs on this machine only.`]
            : hosts.flatMap(hostLines),
        );
        const bad = hosts.filter(({ ok }) => !ok).map(({ host }) => host);
        if (bad.length > 0) {
          const message = `${found.name} can't start yet. Not ready: ${bad.join(', ')}.`;
          throw new DomainError('not_answering', message);
        }
      }),
    );
}

interface HostFound extends HostCheck {
  /** What runs on it now. */
  readonly ranks: readonly Rank[];
}

function hostLines({ host, ok, checks, ranks }: HostFound): string[] {
  return [
    `${host}: ${ok ? 'ready' : 'not ready'}`,
    ...checks.map((one) => `  ${one.ok ? 'ok ' : 'NO '} ${one.text}`),
    ...checks.flatMap(({ fix }) => (fix === undefined ? [] : [`      ${fix}`])),
    ...ranks.map(({ rank, memoryBytes, problem }) =>
      memoryBytes === undefined
        ? `  NO  ${problem ?? ''}`
        : `  Rank ${rank} is running, ${formatMemory(memoryBytes)} resident memory`,
    ),
  ];
}

function addDelete(profile: Command, context: Context): void {
  profile
    .command('delete')
    .summary('delete a profile; the model is kept')
    .argument('<name>')
    .option('--stop', 'stop its server first')
    .option('--json', 'as JSON')
    .action((name: string, options: { stop?: boolean }) =>
      withManager(context, 'write', async ({ client }) => {
        const found = await findProfile(client, name);
        const deleted = await client.call('profiles.delete', {
          profileId: found.id,
          stop: options.stop === true,
        });
        context.output.result(deleted, () => `Deleted ${found.name}.`);
      }),
    );
}

function addCommand(profile: Command, context: Context): void {
  profile
    .command('command')
    .summary('the command that will run, with secrets masked')
    .argument('<name>')
    .option('--shell', 'as a shell command')
    .option('--launchd', 'as a launchd property list')
    .option('--json', 'as JSON')
    .action((name: string, options: { launchd?: boolean }) =>
      withManager(context, 'read', async ({ client }) => {
        const { id } = await findProfile(client, name);
        const command = await client.call('profiles.command', { profileId: id });
        if (options.launchd && command.launchd === null)
          throw new DomainError(
            'validation',
            command.launchdProblem ?? 'No property list is available.',
          );
        context.output.result(command, () =>
          options.launchd ? (command.launchd ?? '') : command.shell,
        );
      }),
    );
}

function profileTable(context: Context, all: readonly ServerProfile[]): string[] {
  if (all.length === 0) {
    return ['No profiles yet. Create one: mlx-manager profile create NAME --model demo'];
  }
  const rows = all.map((one) => [
    one.name,
    one.id,
    one.model,
    one.engine,
    String(one.port),
    one.start,
    one.restart,
  ]);
  const header = ['NAME', 'ID', 'MODEL', 'ENGINE', 'PORT', 'START', 'RESTART'];
  return context.output.table(header, rows, [4]);
}

function profileLines(profile: ServerProfile): string[] {
  const fields = Object.entries(profile).flatMap(([field, value]) => {
    if (field === 'env')
      return Object.entries(profile.env).map(([name, text]) => ['env', `${name}=${text}`]);
    if (value === null || value === undefined) return [];
    return [[field, typeof value === 'object' ? JSON.stringify(value) : String(value)]];
  });
  return fields.map(([field = '', value]) => `${field.padEnd(20)} ${value}`);
}
