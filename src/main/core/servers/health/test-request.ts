import type { ModelKind } from '@shared/domain/hub';
import type { Server, TestAnswer } from '@shared/domain/server';
import { isServing } from '@shared/domain/server-state';
import { DomainError, messageOf } from '@shared/errors';
import { formatNumber } from '@shared/format/counts';
import type { Clock } from '../../ports';
import { type ProbeAnswer, probe } from './http-probe';

const TEST_TIMEOUT_MS = 60_000;

/** What a server is asked, and how long it may answer. */
export interface Question {
  readonly text: string;
  readonly maxTokens: number;
}

export interface TestOptions {
  readonly question?: Question | undefined;
  /** What the model is for, where that is known. */
  readonly kind?: ModelKind | undefined;
}

const HELLO: Question = { text: 'Say hello in one sentence.', maxTokens: 24 };

/**
 * One short streamed chat through the server's own port, as every other program would send it.
 * @throws DomainError not_running, not_answering.
 */
export async function sendTestRequest(
  server: Server,
  host: string,
  clock: Clock,
  { question = HELLO, kind }: TestOptions = {},
): Promise<TestAnswer> {
  if (!isServing(server.state)) {
    throw new DomainError('not_running', `${server.name} is ${server.state}. Start it first.`);
  }
  if (kind === 'embedding') return askVector(server, host, clock, question);
  if (kind === 'audio' || kind === 'image') {
    const takes = kind === 'audio' ? 'recordings' : 'pictures';
    throw new DomainError(
      'validation',
      `${server.name} works on ${takes}: it can't answer a chat.`,
    );
  }
  const began = clock.monotonic();
  let firstTokenMs: number | undefined;
  const answer = await probe({
    host,
    port: server.port,
    path: '/v1/chat/completions',
    body: {
      model: server.requestModel,
      messages: [{ role: 'user', content: question.text }],
      max_tokens: question.maxTokens,
      stream: true,
      stream_options: { include_usage: true },
    },
    timeoutMs: TEST_TIMEOUT_MS,
    onChunk: (chunk) => {
      if (firstTokenMs === undefined && said(chunk) !== '') {
        firstTokenMs = clock.monotonic() - began;
      }
    },
  }).catch(noAnswer);
  checkStatus(answer);
  const totalMs = clock.monotonic() - began;
  const tokens = usage(answer.body);
  const speed = speedOf(tokens.answerTokens, totalMs - (firstTokenMs ?? totalMs));
  return {
    text: said(answer.body),
    ...tokens,
    ...(speed === undefined ? {} : { tokensPerSecond: speed }),
    firstTokenMs: Math.round(firstTokenMs ?? totalMs),
    totalMs: Math.round(totalMs),
  };
}

/** The vector of a text, for a model that makes vectors. */
async function askVector(
  server: Server,
  host: string,
  clock: Clock,
  { text: input }: Question,
): Promise<TestAnswer> {
  const began = clock.monotonic();
  const answer = await probe({
    host,
    port: server.port,
    path: '/v1/embeddings',
    body: { model: server.requestModel, input },
    timeoutMs: TEST_TIMEOUT_MS,
  }).catch(noAnswer);
  checkStatus(answer);
  const ms = Math.round(clock.monotonic() - began);
  const vector = firstVector(answer.body);
  if (vector === undefined) {
    throw new DomainError('not_answering', 'The server answered without a vector.');
  }
  const text = `“${input}” as a vector of ${formatNumber(vector.length)} numbers.`;
  return { text, firstTokenMs: ms, totalMs: ms };
}

function firstVector(body: string): readonly unknown[] | undefined {
  try {
    const parsed: { data?: { embedding?: unknown }[] } | null = JSON.parse(body);
    const vector = parsed?.data?.[0]?.embedding;
    return Array.isArray(vector) && vector.length > 0 ? vector : undefined;
  } catch {
    return undefined; // no JSON: said as an answer without a vector
  }
}

function noAnswer(error: unknown): never {
  const message = `The server didn't respond: ${messageOf(error)}.`;
  throw new DomainError('not_answering', message, { cause: error });
}

function checkStatus({ status, body }: ProbeAnswer): void {
  if (status === 200) return;
  const text = body.slice(0, 300);
  throw new DomainError('not_answering', `The server returned ${status}: ${text}`);
}

/** The first token came at the beginning of these milliseconds: the others took them. */
function speedOf(tokens: number | undefined, ms: number): number | undefined {
  if (tokens === undefined || tokens < 2 || ms <= 0) return undefined;
  return (tokens - 1) / (ms / 1000);
}

/** The answer in a body of events; its reasoning where it holds nothing else. */
function said(body: string): string {
  return deltas(body, 'content') || deltas(body, 'reasoning');
}

function* dataLines(body: string): Generator<Record<string, unknown>> {
  for (const line of body.split('\n')) {
    const text = line.startsWith('data:') ? line.slice(5).trim() : '';
    if (text === '' || text === '[DONE]') continue;
    try {
      const value: unknown = JSON.parse(text);
      if (typeof value === 'object' && value !== null) yield { ...value };
    } catch {
      // A line that was cut by the chunk's border: the whole body is read again at the end.
    }
  }
}

/** Engines call what a model reasons by one of two names. */
const FIELDS = { content: ['content'], reasoning: ['reasoning', 'reasoning_content'] } as const;

function deltas(body: string, part: keyof typeof FIELDS): string {
  let text = '';
  for (const event of dataLines(body)) {
    const choices = Array.isArray(event.choices) ? event.choices : [];
    const delta: unknown = choices[0]?.delta;
    if (typeof delta !== 'object' || delta === null) continue;
    const values: Readonly<Record<string, unknown>> = { ...delta };
    for (const field of FIELDS[part]) {
      const value = values[field];
      if (typeof value === 'string') text += value;
    }
  }
  return text;
}

function usage(body: string): { promptTokens?: number; answerTokens?: number } {
  for (const event of dataLines(body)) {
    const found = event.usage;
    if (typeof found !== 'object' || found === null) continue;
    const prompt = 'prompt_tokens' in found ? found.prompt_tokens : undefined;
    const answer = 'completion_tokens' in found ? found.completion_tokens : undefined;
    return {
      ...(typeof prompt === 'number' ? { promptTokens: prompt } : {}),
      ...(typeof answer === 'number' ? { answerTokens: answer } : {}),
    };
  }
  return {};
}
