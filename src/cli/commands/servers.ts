import type { Command } from 'commander';

import { endedError, waitUntilServing } from '@headless/waiting';
import type { ServerProfile } from '@shared/domain/profile';
import type { Server } from '@shared/domain/server';
import { DomainError } from '@shared/errors';
import type { Client } from '@shared/rpc/client';
import { adviceText } from '../terminal/advice-text';
import { anyNumber } from '../terminal/arguments';
import type { Context } from '../terminal/context';
import { withManager } from '../manager/manager';
import { findNamed } from '../manager/names';
import { serverLine } from '../terminal/server-text';

interface StartOptions {
  readonly wait?: boolean;
  readonly timeout?: number;
  readonly safeMode?: boolean;
  readonly force?: boolean;
}

export function addServerCommands(program: Command, context: Context): void {
  program
    .command('start')
    .summary('start servers')
    .argument('<names...>', 'profiles')
    .option('--wait', 'wait until they are ready')
    .option('--safe-mode', 'use as little memory as possible, for this run only')
    .option('--force', "start even if they don't fit in memory")
    .option('--timeout <seconds>', 'maximum time to wait', anyNumber)
    .option('--json', 'as JSON')
    .action((names: string[], options: StartOptions) => start(context, names, options));
  program
    .command('stop')
    .summary('stop servers and wait until all of their processes have exited')
    .argument('[names...]', 'profiles')
    .option('--all', 'every server')
    .option('--json', 'as JSON')
    .action((names: string[], options: { all?: boolean }) => stop(context, names, options));
  program
    .command('restart')
    .summary('restart a server')
    .argument('<name>', 'profile')
    .option('--wait', 'wait until it is ready')
    .option('--force', "start even if it doesn't fit in memory")
    .option('--timeout <seconds>', 'maximum time to wait', anyNumber)
    .option('--json', 'as JSON')
    .action((name: string, options: StartOptions) => restart(context, name, options));
}

function start(context: Context, names: readonly string[], options: StartOptions): Promise<void> {
  return withManager(context, 'running', async ({ client }) => {
    const profiles = await findAll(client, names);
    await tellAdvice(context, client, profiles);
    const how = { safeMode: options.safeMode === true, force: options.force === true };
    const begin = (): Promise<Server[]> =>
      Promise.all(
        profiles.map(({ id }) => client.call('servers.start', { profileId: id, ...how })),
      );
    show(context, await beginAndWait(client, profiles, begin, options), names.length > 1);
  });
}

/** What is known of an engine or a combination; it keeps nobody from starting. */
async function tellAdvice(
  context: Context,
  client: Client,
  profiles: readonly ServerProfile[],
): Promise<void> {
  for (const { id, name } of profiles) {
    for (const one of await client.call('profiles.advice', { profileId: id }))
      context.output.note(`Advice for ${name}: ${adviceText(one)}`);
  }
}

function restart(context: Context, name: string, options: StartOptions): Promise<void> {
  return withManager(context, 'running', async ({ client }) => {
    const profiles = await findAll(client, [name]);
    const force = options.force === true;
    const begin = (): Promise<Server[]> =>
      Promise.all(
        profiles.map(({ id }) => client.call('servers.restart', { profileId: id, force })),
      );
    show(context, await beginAndWait(client, profiles, begin, options), false);
  });
}

function stop(
  context: Context,
  names: readonly string[],
  { all = false }: { all?: boolean },
): Promise<void> {
  if (all === names.length > 0) {
    throw new DomainError('usage', 'Specify which servers to stop: names, or --all.');
  }
  return withManager(context, 'running', async ({ client }) => {
    if (all) {
      const every = await client.call('servers.stopAll');
      noneFailed(every.filter(({ state }) => state === 'stuck'));
      return show(context, every, true);
    }
    const profiles = await findAll(client, names);
    const stopped = await Promise.all(
      profiles.map(({ id }) => client.call('servers.stop', { profileId: id })),
    );
    // Only what is proven gone is stopped.
    noneFailed(stopped.filter(({ state }) => state === 'stuck'));
    show(context, stopped, names.length > 1);
  });
}

async function beginAndWait(
  client: Client,
  profiles: readonly ServerProfile[],
  begin: () => Promise<Server[]>,
  { wait, timeout }: StartOptions,
): Promise<Server[]> {
  if (!wait) return noneFailed(await begin());
  const ids = profiles.map(({ id }) => id);
  return timeout === undefined
    ? waitUntilServing(client, ids, begin)
    : withLimit((signal) => waitUntilServing(client, ids, begin, signal), timeout);
}

/** @throws DomainError of the first that has failed: a script must not take it for one that starts. */
function noneFailed(servers: Server[]): Server[] {
  const failed = servers.find(({ state }) => state === 'failed' || state === 'stuck');
  if (failed) throw endedError(failed);
  return servers;
}

/** The servers go on starting after the limit: only the waiting ends. */
async function withLimit(
  wait: (signal: AbortSignal) => Promise<Server[]>,
  seconds: number,
): Promise<Server[]> {
  const limit = new AbortController();
  const message = `Not ready after ${seconds} s; the manager is still starting it.`;
  const over = (): void => limit.abort(new DomainError('timeout', message));
  const timer = setTimeout(over, seconds * 1000);
  try {
    return await wait(limit.signal);
  } finally {
    clearTimeout(timer);
  }
}

/** Every name is looked up before anything is done; one given twice counts once. */
async function findAll(client: Client, names: readonly string[]): Promise<ServerProfile[]> {
  const all = await client.call('profiles.listLocal');
  return [...new Set(names.map((name) => findNamed('profile', all, name)))];
}

function show(context: Context, servers: readonly Server[], several: boolean): void {
  context.output.result(several ? servers : servers[0], () =>
    servers.map((server) => serverLine(context.output, server)),
  );
}
