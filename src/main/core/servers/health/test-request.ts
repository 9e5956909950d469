import type { Output } from '@shared/contract';
import type { Server } from '@shared/domain/server';
import { isServing } from '@shared/domain/server-state';
import { DomainError, messageOf } from '@shared/errors';
import type { Clock } from '../../ports';
import { probe } from './http-probe';

type TestAnswer = Output<'servers.test'>;

const TEST_TIMEOUT_MS = 60_000;
const TEST_TOKENS = 24;

/**
 * One short streamed chat through the server's own port, as every other program would send it.
 * @throws DomainError not_running, not_answering.
 */
export async function sendTestRequest(
  server: Server,
  host: string,
  clock: Clock,
): Promise<TestAnswer> {
  if (!isServing(server.state)) {
    throw new DomainError('not_running', `${server.name} is ${server.state}. Start it first.`);
  }
  const began = clock.monotonic();
  let firstTokenMs: number | undefined;
  const answer = await probe({
    host,
    port: server.port,
    path: '/v1/chat/completions',
    body: {
      model: server.requestModel,
      messages: [{ role: 'user', content: 'Say hello in one sentence.' }],
      max_tokens: TEST_TOKENS,
      stream: true,
      stream_options: { include_usage: true },
    },
    timeoutMs: TEST_TIMEOUT_MS,
    onChunk: (chunk) => {
      if (firstTokenMs === undefined && deltas(chunk) !== '') {
        firstTokenMs = clock.monotonic() - began;
      }
    },
  }).catch((error: unknown) => {
    const reason = messageOf(error);
    throw new DomainError('not_answering', `The server didn't respond: ${reason}.`, {
      cause: error,
    });
  });
  if (answer.status !== 200) {
    const text = answer.body.slice(0, 300);
    throw new DomainError('not_answering', `The server returned ${answer.status}: ${text}`);
  }
  const totalMs = clock.monotonic() - began;
  return {
    text: deltas(answer.body),
    ...usage(answer.body),
    firstTokenMs: Math.round(firstTokenMs ?? totalMs),
    totalMs: Math.round(totalMs),
  };
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

function deltas(body: string): string {
  let text = '';
  for (const event of dataLines(body)) {
    const choices = Array.isArray(event.choices) ? event.choices : [];
    const delta: unknown = choices[0]?.delta;
    if (typeof delta !== 'object' || delta === null) continue;
    if ('reasoning' in delta && typeof delta.reasoning === 'string') text += delta.reasoning;
    if ('content' in delta && typeof delta.content === 'string') text += delta.content;
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
