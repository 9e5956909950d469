import http from 'node:http';
import { createInterface } from 'node:readline';

import { z } from 'zod';

import type { Endpoint } from '@shared/domain/endpoint';
import { DomainError, type ErrorCode, type FailureCode } from '@shared/errors';

export interface ChatMessage {
  readonly role: 'user' | 'assistant';
  readonly content: string;
}

/** Why a request is refused, or an answer that has begun is not complete, as OpenAI's clients are told. */
const Refused = z.object({
  error: z.object({ message: z.string(), code: z.string().nullish().catch(null) }),
});

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

/**
 * Sends the conversation and gives each piece of the answer as it comes.
 * @throws DomainError with the sentence of whoever refused it.
 */
export async function streamChat(
  { address, model }: Endpoint,
  messages: readonly ChatMessage[],
  onDelta: (text: string) => void,
): Promise<ChatAnswer> {
  const response = await post(`${address}/chat/completions`, {
    model,
    messages,
    stream: true,
    stream_options: { include_usage: true },
  });
  let text = '';
  let usage: Record<string, unknown> | undefined;
  for await (const line of createInterface({ input: response, crlfDelay: Infinity })) {
    const data = /^data:\s*(.*)$/.exec(line)?.[1];
    if (data === undefined || data === '[DONE]') continue;
    const event: unknown = JSON.parse(data);
    const refused = Refused.safeParse(event);
    if (refused.success) throw refusal(refused.data.error, 'not_answering');
    const chunk = Chunk.safeParse(event);
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
async function post(url: string, body: unknown): Promise<http.IncomingMessage> {
  const request = http.request(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    agent: false,
  });
  const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>();
  request.once('error', (error) =>
    reject(new DomainError('not_answering', `The server isn't responding: ${error.message}`)),
  );
  request.once('response', resolve);
  request.end(JSON.stringify(body));
  const response = await promise;
  const { statusCode = 0 } = response;
  if (statusCode === 200) return response;
  const refused = Refused.safeParse(parsed(await startOf(response)));
  throw refused.success
    ? refusal(refused.data.error, statusCode < 500 ? 'validation' : 'not_answering')
    : new DomainError('not_answering', `The server rejected the chat (HTTP ${statusCode}).`);
}

/** Codes of the gateway's refusals (src/main/gateway/converse/unavailable.ts) in those of the command line. */
const CODES: Readonly<Record<string, ErrorCode | FailureCode>> = {
  model_not_running: 'not_running',
  model_failed: 'not_running',
  model_not_found: 'not_found',
  insufficient_memory: 'does_not_fit',
  rate_limit_exceeded: 'rate_limited',
  overloaded: 'rate_limited',
  quitting: 'quitting',
};

type Told = z.infer<typeof Refused>['error'];

function refusal({ message, code }: Told, otherwise: ErrorCode | FailureCode): DomainError {
  const known = code && Object.hasOwn(CODES, code) ? CODES[code] : undefined;
  return new DomainError(known ?? otherwise, message);
}

/** A refusal has a sentence; what is longer is something else, bytes. */
const REFUSAL_BYTES = 64 * 1024;

async function startOf(response: http.IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of response) {
    parts.push(part);
    bytes += part.length;
    if (bytes > REFUSAL_BYTES) break;
  }
  return Buffer.concat(parts).toString('utf8');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
