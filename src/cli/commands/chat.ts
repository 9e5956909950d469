import { showHidden } from '@shared/format/hidden-characters';
import { createInterface } from 'node:readline/promises';
import { text } from 'node:stream/consumers';

import type { Command } from 'commander';

import type { Server } from '@shared/domain/server';
import { isServing } from '@shared/domain/server-state';
import { DomainError } from '@shared/errors';
import { makeAction } from '@shared/errors/action';
import { type ChatMessage, streamChat } from '../manager/chat-stream';
import type { Context } from '../terminal/context';
import { withManager } from '../manager/manager';
import { findProfile } from './profiles';

export function addChat(program: Command, context: Context): void {
  program
    .command('chat')
    .summary('talk to a running server')
    .argument('<name>', 'profile')
    .argument(
      '[prompt]',
      'without it: read from standard input, or asked turn by turn on a terminal',
    )
    .option('--json', 'the answer as JSON lines')
    .action((name: string, prompt: string | undefined) => chat(context, name, prompt));
}

async function chat(context: Context, name: string, prompt: string | undefined): Promise<void> {
  const server = await withManager(context, 'running', async ({ client }) => {
    const { id } = await findProfile(client, name);
    const servers = await client.call('servers.list');
    return servers.find(({ profileId }) => profileId === id);
  });
  if (server === undefined || !isServing(server.state)) {
    const profile = server?.name ?? name;
    throw new DomainError('not_running', `${profile} is not ready; start it first.`, {
      action: makeAction('start', { profile }),
    });
  }
  if (prompt !== undefined) await turn(context, server, [{ role: 'user', content: prompt }]);
  else if (process.stdin.isTTY) await converse(context, server);
  else {
    const content = (await text(process.stdin)).trim();
    if (content === '') throw new DomainError('usage', 'Enter a question.');
    await turn(context, server, [{ role: 'user', content }]);
  }
}

/** Turns until Ctrl-D. */
async function converse(context: Context, server: Server): Promise<void> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const messages: ChatMessage[] = [];
  lines.setPrompt('> ');
  lines.prompt();
  for await (const line of lines) {
    if (line.trim() !== '') {
      messages.push({ role: 'user', content: line });
      messages.push({ role: 'assistant', content: await turn(context, server, messages) });
    }
    lines.prompt();
  }
}

async function turn(
  context: Context,
  server: Server,
  messages: readonly ChatMessage[],
): Promise<string> {
  const { output, json } = context;
  const answer = await streamChat(server, messages, (delta) => {
    if (json) output.jsonLine({ event: 'delta', text: delta });
    // A model may write what a terminal obeys; a file gets it as it is.
    else output.raw(output.isTerminal ? showHidden(delta, /[\n\t]/) : delta);
  });
  if (json) output.jsonLine({ event: 'done', usage: answer.usage ?? null });
  else output.raw('\n');
  return answer.text;
}
