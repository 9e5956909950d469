import type { Command } from 'commander';

import type { GatewayKey } from '@shared/domain/gateway';
import type { GatewayStatus } from '@shared/domain/gateway-status';
import type { ServerProfile } from '@shared/domain/profile';
import { DomainError } from '@shared/errors';
import { formatLargeCount } from '@shared/format/counts';
import type { Client } from '@shared/rpc/client';
import { withManager } from '../manager/manager';
import { findNamed } from '../manager/names';
import { collect, wholeNumber } from '../terminal/arguments';
import type { Context } from '../terminal/context';

export function addGatewayCommands(program: Command, context: Context): void {
  const gateway = program.command('gateway').summary('one address for all servers');
  addGatewayStatus(gateway, context);
  addGatewayRetry(gateway, context);
  const key = gateway.command('key').summary('keys for programs that use the gateway');
  addKeyAdd(key, context);
  addKeyList(key, context);
  addKeyRevoke(key, context);
}

function addGatewayStatus(gateway: Command, context: Context): void {
  gateway
    .command('status')
    .summary('whether the gateway listens, where, and why not')
    .option('--json', 'as JSON')
    .action(() =>
      withManager(context, 'read', async ({ client, isRunning }) => {
        if (isRunning) return showStatus(context, await client.call('gateway.status'));
        const { gatewayPort: port } = await client.call('settings.get');
        context.output.note("MLX Manager isn't running. Start it: mlx-manager serve");
        return showStatus(context, { state: 'off', url: null, port });
      }),
    );
}

function addGatewayRetry(gateway: Command, context: Context): void {
  gateway
    .command('retry')
    .summary('try to listen again, for example once the port is free')
    .option('--json', 'as JSON')
    .action(() =>
      withManager(context, 'running', async ({ client }) => {
        const status = await client.call('gateway.retry');
        const { failure } = status;
        if (failure) throw new DomainError(failure.code, failure.message, { data: status });
        showStatus(context, status);
      }),
    );
}

function showStatus({ output }: Context, status: GatewayStatus): void {
  output.result(status, () => statusText(status));
}

function statusText({ state, url, port, failure }: GatewayStatus): string {
  switch (state) {
    case 'listening':
      return `Listening at ${url}`;
    case 'starting':
      return `Starting on port ${port}`;
    case 'off':
      return 'Off';
    case 'failed':
      return failure?.message ?? `Not listening on port ${port}`;
  }
}

interface AddOptions {
  readonly profile?: readonly string[];
  readonly expires?: number;
  readonly quota?: number;
}

function addKeyAdd(key: Command, context: Context): void {
  key
    .command('add')
    .summary('make a key; it is shown this once')
    .argument('<name>', 'what the key is for')
    .option('--profile <name>', 'a profile that it may use; may be repeated', collect)
    .option('--expires <days>', 'days until it is refused', wholeNumber(1, 3650))
    .option('--quota <tokens>', 'tokens that it may use in all', wholeNumber(1, 1_000_000_000_000))
    .option('--json', 'as JSON')
    .action((name: string, { profile, expires, quota }: AddOptions) =>
      withManager(context, 'write', async ({ client }) => {
        const profiles = await client.call('profiles.list');
        const made = await client.call('gateway.addKey', {
          name,
          ...(profile && { profileIds: idsOf(profiles, profile) }),
          ...(expires !== undefined && { expiresDays: expires }),
          ...(quota !== undefined && { tokenQuota: quota }),
        });
        const { key: text, ...about } = made;
        const shown = { ...shownKey(about, profiles), key: text };
        context.output.result(shown, () => [text]);
        if (context.json) return;
        context.output.note(`The key for ${made.name} is shown only this once. Copy it now.`);
      }),
    );
}

function addKeyList(key: Command, context: Context): void {
  key
    .command('list')
    .summary('every key, and how much it was used')
    .option('--json', 'as JSON')
    .action(() =>
      withManager(context, 'read', async ({ client }) => {
        const keys = await client.call('gateway.keys');
        const profiles = await client.call('profiles.list');
        if (keys.length === 0) context.output.note('There are no keys.');
        context.output.result(
          keys.map((one) => shownKey(one, profiles)),
          () => (keys.length === 0 ? [] : keyTable(context, keys, profiles)),
        );
      }),
    );
}

function addKeyRevoke(key: Command, context: Context): void {
  key
    .command('revoke')
    .summary('delete a key; it is refused from then on')
    .argument('<id>', 'id or name of the key')
    .option('--json', 'as JSON')
    .action((text: string) =>
      withManager(context, 'write', async ({ client }) => {
        const { id } = await findKey(client, text);
        const { name } = await client.call('gateway.revokeKey', { keyId: id });
        context.output.result({ revoked: id }, () => `Revoked ${name}.`);
      }),
    );
}

async function findKey(client: Client, text: string): Promise<GatewayKey> {
  return findNamed('gateway key', await client.call('gateway.keys'), text);
}

function idsOf(profiles: readonly ServerProfile[], names: readonly string[]): string[] {
  return names.map((name) => findNamed('profile', profiles, name).id);
}

/** With the names of its profiles, which people know; null stands for every profile. */
function shownKey({ profileIds, ...rest }: GatewayKey, profiles: readonly ServerProfile[]) {
  const { id, name, ...figures } = rest;
  return { id, name, profiles: profileIds?.map(nameOf(profiles)) ?? null, ...figures };
}

/** A deleted profile is told by its id. */
function nameOf(profiles: readonly ServerProfile[]): (id: string) => string {
  return (id) => profiles.find((profile) => profile.id === id)?.name ?? id;
}

function keyTable(
  context: Context,
  keys: readonly GatewayKey[],
  profiles: readonly ServerProfile[],
): string[] {
  const rows = keys.map((one) => [
    one.id,
    one.name,
    one.profileIds?.map(nameOf(profiles)).join(', ') ?? 'all',
    one.expiresAt?.slice(0, 10) ?? 'never',
    tokensOf(one),
    one.lastUsedAt ?? 'never',
  ]);
  return context.output.table(
    ['ID', 'NAME', 'PROFILES', 'EXPIRES', 'TOKENS', 'LAST USED'],
    rows,
    [4],
  );
}

function tokensOf({ tokensUsed, tokenQuota }: GatewayKey): string {
  const used = formatLargeCount(tokensUsed);
  return tokenQuota === undefined ? used : `${used} of ${formatLargeCount(tokenQuota)}`;
}
