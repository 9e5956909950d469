import http from 'node:http';
import { createInterface } from 'node:readline';

import { z } from 'zod';

import type { Server } from '@shared/domain/server';
import { DomainError } from '@shared/errors';

export interface ChatMessage {
  readonly role: 'user' | 'assistant';
  readonly content: string;
}

/** The parts of an OpenAI chat completion chunk that are shown. */
const Chunk = z.object({
  choices: z
    .array(z.object({ delta: z.object({ content: z.string().nullish() }).nullish() }))
    .default([]),
  usage: z.record(z.string(), z.unknown()).nullish(),
});

interface ChatAnswer {
  readonly text: string;
  readonly usage: Record<string, unknown> | undefined;
}

/** Sends the conversation straight to the server's port and gives each piece of the answer as it comes. */
export async function streamChat(
  server: Server,
  messages: readonly ChatMessage[],
  onDelta: (text: string) => void,
): Promise<ChatAnswer> {
  const response = await post(`${server.url}/chat/completions`, {
    model: server.requestModel,
    messages,
    stream: true,
    stream_options: { include_usage: true },
  });
  let text = '';
  let usage: Record<string, unknown> | undefined;
  for await (const line of createInterface({ input: response, crlfDelay: Infinity })) {
    const data = /^data:\s*(.*)$/.exec(line)?.[1];
    if (data === undefined || data === '[DONE]') continue;
    const chunk = Chunk.safeParse(JSON.parse(data));
    if (!chunk.success) continue; // an engine's own event, not a piece of the answer
    const delta = chunk.data.choices[0]?.delta?.content ?? '';
    usage = chunk.data.usage ?? usage;
    if (delta === '') continue;
    text += delta;
    onDelta(delta);
  }
  if (!response.complete) throw new DomainError('disconnected', 'The server cut the answer short.');
  return { text, usage };
}

/** node:http has no limit of its own on how long a prompt may be read; fetch cuts at five minutes. */
function post(url: string, body: unknown): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = http.request(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      agent: false,
    });
    request.once('error', (error) =>
      reject(new DomainError('not_answering', `The server isn't responding: ${error.message}`)),
    );
    request.once('response', (response) => {
      if (response.statusCode === 200) return resolve(response);
      response.resume();
      reject(
        new DomainError(
          'not_answering',
          `The server rejected the chat (HTTP ${response.statusCode}).`,
        ),
      );
    });
    request.end(JSON.stringify(body));
  });
}
