import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';

import type { Command } from 'commander';

import type { Output, RawInput } from '@shared/contract';
import type { EngineOption } from '@shared/domain/engine';
import { InstallableId, type OptionValue, type ServerProfile } from '@shared/domain/profile';
import { maskProfile } from '@shared/domain/secret';
import { DomainError, messageOf } from '@shared/errors';
import type { Client } from '@shared/rpc/client';
import { anyNumber, collect, wholeNumber } from '../terminal/arguments';
import { askYesNo } from '../terminal/ask-yes-no';
import type { Context } from '../terminal/context';
import { withManager } from '../manager/manager';
import { findNamed } from '../manager/names';
import { modelRef, optionKey, parseEnv, parseSet, typedValue } from './profile-options';

type Fields = RawInput<'profiles.updateLocal'>['changes'];
type NewProfile = RawInput<'profiles.createLocal'>;

/** The options of `create` and `edit` as commander gives them. */
interface FieldOptions {
  readonly name?: string;
  readonly model?: string;
  readonly engine?: string;
  readonly installation?: string;
  readonly port?: number;
  readonly host?: string;
  readonly set?: readonly string[];
  readonly unset?: readonly string[];
  readonly env?: readonly string[];
  readonly arg?: readonly string[];
  readonly command?: string;
  readonly readyPath?: string;
  readonly chat?: boolean;
  readonly ranks?: number;
  readonly hosts?: string;
  readonly backend?: string;
  readonly split?: string;
  readonly start?: string;
  readonly alias?: readonly string[];
  readonly ttl?: number;
  readonly pin?: boolean;
  readonly restart?: string;
  readonly loadDeadline?: number;
  readonly hangLimit?: number;
  readonly order?: number;
  readonly overwrite?: boolean;
}

export function addProfileEditing(profile: Command, context: Context): void {
  const create = profile.command('create').summary('a new profile').argument('<name>');
  create.requiredOption('--model <ref>', 'demo, org/name (Hugging Face) or a folder');
  addFieldOptions(create).action((name: string, options: FieldOptions) =>
    createProfile(context, name, options),
  );
  const edit = profile.command('edit').summary('change a profile').argument('<name>');
  edit
    .option('--name <new>', 'another name')
    .option('--model <ref>', 'demo, org/name (Hugging Face) or a folder')
    .option(
      '--unset <key>',
      'unset an option, a variable, aliases, args, installation or cluster',
      collect,
    )
    .option('--overwrite', 'save even if someone else changed it in the meantime');
  addFieldOptions(edit).action((name: string, options: FieldOptions) =>
    editProfile(context, name, options),
  );
}

function addFieldOptions(command: Command): Command {
  return command
    .option('--engine <engine>', 'engine (default: mlx-lm)')
    .option('--installation <id>', 'always use this installation of the engine')
    .option('--port <port>', 'port of the server', anyNumber)
    .option('--host <host>', 'address that the server listens on')
    .option('--set <key=value>', 'an engine option; may be repeated', collect)
    .option('--env <name=value>', 'an environment variable; may be repeated', collect)
    .option('--arg <arg>', 'an extra argument, passed as is; may be repeated', collect)
    .option('--command <program>', 'custom command: the program; its arguments go in --arg')
    .option(
      '--ready-path <path>',
      'custom command: path that returns 200 when ready (default: /health)',
    )
    .option('--no-chat', "custom command: doesn't serve chat, so no token is requested")
    .option('--hosts <file>', 'several machines: a JSON list of name, ssh and addresses')
    .option('--ranks <n>', 'several processes on this machine, for testing', anyNumber)
    .option('--backend <name>', 'how the ranks communicate: ring, jaccl or mpi (default: ring)')
    .option('--split <way>', 'tensor or pipeline (default: tensor)')
    .option('--start <policy>', 'manual, app or request')
    .option('--alias <name>', 'another name for requests; may be repeated', collect)
    .option('--ttl <seconds>', 'unload if no request came for this long (0: never)', anyNumber)
    .option('--pin', 'never unload it to make room for another model')
    .option('--no-pin', 'unload it when another model needs the memory')
    .option('--restart <policy>', 'always, on-failure or never')
    .option(
      '--load-deadline <seconds>',
      'fail if not ready and no progress in the log for this long',
      anyNumber,
    )
    .option('--hang-limit <seconds>', 'restart if there is no progress for this long', anyNumber)
    .option('--order <n>', 'position in the list', wholeNumber(-1_000_000, 1_000_000))
    .option('--json', 'as JSON');
}

function createProfile(context: Context, name: string, options: FieldOptions): Promise<void> {
  return withManager(context, 'write', async ({ client }) => {
    const fields = await readFields(context, client, options, undefined);
    // The core checks every field; what the words were is kept, so that its sentence can name them.
    const input = { ...fields, name } as NewProfile;
    const { profile, warnings } = await client.call('profiles.createLocal', input);
    for (const warning of warnings) context.output.note(`Warning: ${warning}`);
    context.output.result(
      { ...maskProfile(profile, 'secrets'), warnings },
      () => `Created ${profile.name} on port ${profile.port}.`,
    );
  });
}

function editProfile(context: Context, name: string, options: FieldOptions): Promise<void> {
  return withManager(context, 'write', async ({ client, isRunning }) => {
    const { profile, warnings } = await saveEdit(context, client, name, options);
    const servers = isRunning ? await client.call('servers.list') : [];
    const server = servers.find((one) => one.profileId === profile.id);
    const restartNeeded = server?.restartNeeded ?? false;
    for (const warning of warnings) context.output.note(`Warning: ${warning}`);
    context.output.result({ ...maskProfile(profile, 'secrets'), restartNeeded, warnings }, () =>
      restartNeeded
        ? `Saved ${profile.name}. It is still running with the old settings: mlx-manager restart "${profile.name}"`
        : `Saved ${profile.name}.`,
    );
  });
}

/**
 * Sends what is to change with what it was, so that nothing that somebody else saves at the same time is lost. Where
 * both changed the same value, the person decides: by `--overwrite`, or asked on a terminal.
 */
export async function saveEdit(
  context: Context,
  client: Client,
  name: string,
  options: FieldOptions,
): Promise<Output<'profiles.updateLocal'>> {
  for (;;) {
    const before = findNamed('profile', await client.call('profiles.listLocal'), name);
    const changes = await readFields(context, client, options, before);
    const fields = Object.keys(changes) as (keyof Fields)[];
    if (fields.length === 0) {
      throw new DomainError('usage', 'Specify what to change, for example --port or --set.');
    }
    const base = Object.fromEntries(fields.map((field) => [field, before[field]]));
    try {
      return await client.call('profiles.updateLocal', { profileId: before.id, changes, base });
    } catch (error) {
      if (!(error instanceof DomainError) || !isChangedMeanwhile(error)) throw error;
      if (options.overwrite || (await wantsToOverwrite(context, error))) continue;
      const message = `${error.message} To save yours, run the command again, or with --overwrite.`;
      throw new DomainError(error.code, message, { data: error.data });
    }
  }
}

function isChangedMeanwhile({ code, data }: DomainError): boolean {
  const { conflicts }: { conflicts?: unknown } = Object(data);
  return code === 'conflict' && Array.isArray(conflicts);
}

async function wantsToOverwrite(context: Context, { message }: DomainError): Promise<boolean> {
  if (context.json) return false;
  return (await askYesNo(`${message}\nSave yours instead?`)) ?? false;
}

/** The fields that the options name, in the contract's words. */
async function readFields(
  context: Context,
  client: Client,
  options: FieldOptions,
  before: ServerProfile | undefined,
): Promise<Fields> {
  const engine = options.engine;
  const isSwitch = before !== undefined && engine !== undefined && engine !== before.engine;
  const kept = isSwitch
    ? await carriedOptions(context, client, engine, before)
    : (before?.options ?? {});
  const plain = {
    name: options.name,
    model: options.model === undefined ? undefined : modelRef(options.model, context.cwd),
    engine,
    // The old engine's installation is none of the new one's.
    installation: options.installation ?? (isSwitch ? null : undefined),
    port: options.port,
    host: options.host,
    start: options.start,
    aliases: options.alias,
    ttlSeconds: options.ttl,
    pinned: options.pin,
    restart: options.restart,
    loadDeadlineSeconds: options.loadDeadline,
    hangLimitSeconds: options.hangLimit,
    order: options.order,
    extraArgs: options.arg,
    custom: customCommand(context, options, before),
    cluster: await clusterOf(context, options, before),
    options: options.set
      ? await readOptions(context, client, options, before, kept)
      : isSwitch
        ? kept
        : undefined,
    env: options.env && { ...before?.env, ...Object.fromEntries(options.env.map(parseEnv)) },
  };
  const given = Object.fromEntries(
    Object.entries(plain).filter(([, value]) => value !== undefined),
  ) as Fields;
  return before === undefined ? given : applyUnset(given, before, options.unset ?? []);
}

/** The custom command with what was given of it; leaving the engine `custom` takes it back. */
function customCommand(
  context: Context,
  { engine, command, readyPath, chat }: FieldOptions,
  before: ServerProfile | undefined,
): Fields['custom'] {
  const isLeft = engine !== undefined && engine !== 'custom';
  if (isLeft && before?.custom) return null;
  const isGiven = command !== undefined || readyPath !== undefined || chat === false;
  if (!isGiven) return undefined;
  return {
    ...(before?.custom ?? { command: '' }),
    ...(command === undefined ? {} : { command: modelRef(command, context.cwd) }),
    ...(readyPath === undefined ? {} : { readinessPath: readyPath }),
    ...(chat === false ? { chat } : {}),
  };
}

/** The cluster with what was given of it; hosts and ranks take each other's place. */
async function clusterOf(
  context: Context,
  { hosts, ranks, backend, split }: FieldOptions,
  before: ServerProfile | undefined,
): Promise<Fields['cluster']> {
  if ([hosts, ranks, backend, split].every((value) => value === undefined)) return undefined;
  const { hosts: oldHosts, ranks: oldRanks, ...rest } = before?.cluster ?? {};
  const places =
    hosts !== undefined
      ? { hosts: await readHosts(resolve(context.cwd, hosts)) }
      : ranks !== undefined
        ? { ranks }
        : { ...(oldHosts && { hosts: oldHosts }), ...(oldRanks && { ranks: oldRanks }) };
  // The core checks each value; what was typed is kept, so that its sentence can name it.
  return {
    ...rest,
    ...places,
    ...(backend && { backend }),
    ...(split && { sharding: split }),
  } as Fields['cluster'];
}

async function readHosts(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    const reason = messageOf(error);
    throw new DomainError('validation', `--hosts: ${file} is no readable JSON: ${reason}`);
  }
}

/** Carries the options over to another engine and says what that one lacks. */
async function carriedOptions(
  context: Context,
  client: Client,
  engine: string,
  before: ServerProfile,
): Promise<ServerProfile['options']> {
  const parsed = InstallableId.safeParse(engine);
  if (!parsed.success) return {};
  const carried = await client.call('engines.carryOver', {
    engine: parsed.data,
    options: before.options,
  });
  for (const { key, reason } of carried.lost) context.output.note(`Left out ${key}: ${reason}`);
  return carried.options;
}

async function readOptions(
  context: Context,
  client: Client,
  options: FieldOptions,
  before: ServerProfile | undefined,
  kept: ServerProfile['options'],
): Promise<Record<string, OptionValue>> {
  const sameEngine = options.engine === undefined || options.engine === before?.engine;
  const known = await knownOptions(
    client,
    options.engine ?? before?.engine ?? 'mlx-lm',
    options.installation ?? (sameEngine ? before?.installation : undefined) ?? undefined,
  );
  const assignments = (options.set ?? []).map(parseSet);
  const typed = assignments.map((one) => [one.key, typedValue(one, known, context.cwd)]);
  return { ...kept, ...Object.fromEntries(typed) };
}

/** Options of the installation that the profile would run on; none where nothing is installed. */
async function knownOptions(
  client: Client,
  engine: string,
  installation: string | undefined,
): Promise<readonly EngineOption[]> {
  const all = await client.call('engines.list');
  const found = all.find((one) =>
    installation === undefined ? one.engine === engine && one.inUse : one.id === installation,
  );
  if (found?.state !== 'ready') return [];
  return client.call('engines.options', { installationId: found.id });
}

/** Takes back what `--unset` names: an engine option, a variable, `aliases`, `args`, `installation` or `cluster`. */
function applyUnset(given: Fields, before: ServerProfile, unset: readonly string[]): Fields {
  const options = { ...(given.options ?? before.options) };
  const env = { ...(given.env ?? before.env) };
  const changes: Fields = { ...given };
  for (const key of unset) {
    const option = optionKey(key);
    if (Object.hasOwn(options, option)) {
      delete options[option];
      changes.options = options;
    } else if (Object.hasOwn(env, key)) {
      delete env[key];
      changes.env = env;
    } else if (option === 'args' || option === 'extra-args') changes.extraArgs = [];
    else if (option === 'aliases') changes.aliases = [];
    else if (option === 'installation') changes.installation = null;
    else if (option === 'cluster') changes.cluster = null;
    else throw new DomainError('not_found', `"${key}" is not set in ${before.name}.`);
  }
  return changes;
}
