import { showHidden } from '@shared/format/hidden-characters';
import { createInterface } from 'node:readline/promises';
import { text } from 'node:stream/consumers';

import type { Command } from 'commander';

import { type Endpoint, endpointOf, ownEndpoint } from '@shared/domain/endpoint';
import { isActive, isServing } from '@shared/domain/server-state';
import { DomainError } from '@shared/errors';
import { makeAction } from '@shared/errors/action';
import { type ChatMessage, streamChat } from '../manager/chat-stream';
import type { Context } from '../terminal/context';
import { type Manager, withManager } from '../manager/manager';
import { findProfile } from './profiles';

export function addChat(program: Command, context: Context): void {
  program
    .command('chat')
    .summary('talk to a model, through the gateway where it listens')
    .argument('<name>', 'profile')
    .argument(
      '[prompt]',
      'without it: read from standard input, or asked turn by turn on a terminal',
    )
    .option('--json', 'the answer as JSON lines')
    .action((name: string, prompt: string | undefined) => chat(context, name, prompt));
}

async function chat(context: Context, name: string, prompt: string | undefined): Promise<void> {
  const endpoint = await withManager(context, 'running', (manager) =>
    reach(context, manager, name),
  );
  if (prompt !== undefined) await turn(context, endpoint, [{ role: 'user', content: prompt }]);
  else if (process.stdin.isTTY) await converse(context, endpoint);
  else {
    const content = (await text(process.stdin)).trim();
    if (content === '') throw new DomainError('usage', 'Enter a question.');
    await turn(context, endpoint, [{ role: 'user', content }]);
  }
}

/**
 * Where the chat goes: through the gateway, which starts the server if it has to; straight to the server where the
 * gateway is off or wants a key, of which this command has none.
 */
async function reach(context: Context, { client }: Manager, name: string): Promise<Endpoint> {
  const profile = await findProfile(client, name);
  const servers = await client.call('servers.list');
  const server = servers.find(({ profileId }) => profileId === profile.id);
  const gateway = await client.call('gateway.status');
  const { gatewayRequireKey } = await client.call('settings.get');
  const isThroughGateway = gateway.url !== null && !gatewayRequireKey;
  if (server === undefined || !isServing(server.state)) {
    const comes = server && (profile.start === 'request' || isActive(server.state));
    if (!isThroughGateway || !comes) {
      throw new DomainError('not_running', `${profile.name} is not ready; start it first.`, {
        action: makeAction('start', { profile: profile.name }),
      });
    }
    context.output.note(`Waiting for ${profile.name} to be ready…`);
  }
  return isThroughGateway ? endpointOf(server, gateway) : ownEndpoint(server);
}

/** Turns until Ctrl-D. */
async function converse(context: Context, endpoint: Endpoint): Promise<void> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const messages: ChatMessage[] = [];
  lines.setPrompt('> ');
  lines.prompt();
  for await (const line of lines) {
    if (line.trim() !== '') {
      messages.push({ role: 'user', content: line });
      messages.push({ role: 'assistant', content: await turn(context, endpoint, messages) });
    }
    lines.prompt();
  }
}

async function turn(
  context: Context,
  endpoint: Endpoint,
  messages: readonly ChatMessage[],
): Promise<string> {
  const { output, json } = context;
  const answer = await streamChat(endpoint, messages, (delta) => {
    if (json) output.jsonLine({ event: 'delta', text: delta });
    // A model may write what a terminal obeys; a file gets it as it is.
    else output.raw(output.isTerminal ? showHidden(delta, /[\n\t]/) : delta);
  });
  if (json) output.jsonLine({ event: 'done', usage: answer.usage ?? null });
  else output.raw('\n');
  return answer.text;
}
