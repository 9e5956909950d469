import type { Snapshot } from '@shared/contract';
import type { EngineJob } from '@shared/domain/engine';
import type { Server } from '@shared/domain/server';
import { isServing } from '@shared/domain/server-state';
import { DomainError } from '@shared/errors';
import { formatShortDuration } from '@shared/format/durations';
import type { Client } from '@shared/rpc/client';
import { whileWanted } from '@shared/while-wanted';
import { followJob, waitUntilServing } from './waiting';

type Say = (line: string) => void;

/**
 * The main job by itself on a data folder that holds nothing yet: an engine, a profile on the built-in
 * model, a running server, one answer. On any other folder it only says what runs.
 * @param signal ends it, with what it had begun left to the manager.
 */
export async function runDemo(client: Client, say: Say, signal: AbortSignal): Promise<void> {
  const snapshot = await client.call('app.snapshot');
  if (!holdsNothing(snapshot)) {
    sayServers(snapshot.servers, say);
    return;
  }
  say('This data folder is empty, so the demo runs (--no-demo skips it).');
  await installEngine(client, say, signal);
  const { profile } = await client.call('profiles.createLocal', { name: 'Demo', model: 'demo' });
  say(`Created the profile Demo: the built-in 400 KB model on port ${profile.port}.`);
  say('Starting Demo ...');
  const server = await waitUntilServing(
    client,
    [profile.id],
    () => client.call('servers.start', { profileId: profile.id }),
    signal,
  );
  const answer = await whileWanted(client.call('servers.test', { profileId: profile.id }), signal);
  const [ready] = server;
  say(
    `Demo is ready after ${seconds(ready?.readySeconds)}: a test chat took ${Math.round(answer.totalMs)} ms.`,
  );
  say(`Demo: ${profileUrl(ready, profile.port)}`);
}

/** Says what failed, and that the manager goes on. */
export function sayDemoFailed(error: unknown, say: Say): void {
  const sentence = error instanceof DomainError ? error.message : 'Something went wrong.';
  say(`The demo didn't start: ${sentence}`);
  if (error instanceof DomainError && error.action) say(`What helps: ${error.action.label}`);
  say('The manager keeps running.');
}

function holdsNothing({ profiles, installations }: Snapshot): boolean {
  return profiles.length === 0 && installations.every((one) => one.state !== 'ready');
}

async function installEngine(client: Client, say: Say, signal: AbortSignal): Promise<void> {
  say('Installing the engine mlx-lm into its own environment ...');
  const seen = new Set<string>();
  const done = await followJob(
    client,
    () => client.call('engines.install', { engine: 'mlx-lm' }),
    (job) => sayPhases(job, seen, say),
    signal,
  );
  say(`Installed mlx-lm ${done.version ?? ''}; its self-test passed.`.replace(' ;', ';'));
}

/** One line for each phase, when it begins. */
function sayPhases(job: EngineJob, seen: Set<string>, say: Say): void {
  for (const phase of job.phases) {
    if (phase.state === 'waiting' || seen.has(phase.id)) continue;
    seen.add(phase.id);
    say(`  ${phase.label}`);
  }
}

function sayServers(servers: readonly Server[], say: Say): void {
  for (const server of servers) {
    say(`${server.name}: ${server.state}${isServing(server.state) ? `, ${server.url}` : ''}`);
  }
}

function profileUrl(server: Server | undefined, port: number): string {
  return server?.url ?? `http://127.0.0.1:${port}/v1`;
}

function seconds(value: number | undefined): string {
  return value === undefined ? 'a moment' : formatShortDuration(value);
}
