import { once } from 'node:events';
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { systemClock } from '@core/ports/clock';
import { sendTestRequest, type TestOptions } from '@core/servers/health/test-request';
import { aServer } from '@fixtures/live-data';
import { afterEach, expect, it } from 'vitest';

let engine: HttpServer | undefined;
afterEach(() => engine?.close());

/** What is asked of an engine that answers so. */
async function ask(
  answer: (path: string, body: unknown) => { status?: number; body: string },
  options: TestOptions = {},
) {
  engine = createServer(async (request, response) => {
    const text = (await request.toArray()).join('');
    const { status = 200, body } = answer(request.url ?? '', JSON.parse(text));
    response.writeHead(status).end(body);
  }).listen(0, '127.0.0.1');
  await once(engine, 'listening');
  const { port } = engine.address() as AddressInfo;
  const server = { ...aServer('Test', { state: 'ready' }), port };
  return sendTestRequest(server, '127.0.0.1', systemClock, options);
}

const event = (delta: object): string => `data: ${JSON.stringify({ choices: [{ delta }] })}\n\n`;
const USAGE = 'data: {"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":4}}\n\n';

it('shows what was answered, and what was reasoned only where nothing else came', async () => {
  const both = await ask(() => ({
    body: `${event({ reasoning_content: 'Hm. ' })}${event({ content: 'Hello.' })}${USAGE}data: [DONE]\n\n`,
  }));
  expect(both).toMatchObject({ text: 'Hello.', promptTokens: 9, answerTokens: 4 });
  engine?.close();
  const thought = await ask(() => ({ body: event({ reasoning: 'Hm. ' }) }));
  expect(thought.text).toBe('Hm. ');
});

it('asks a model of vectors for a vector', async () => {
  const paths: string[] = [];
  const answer = await ask(
    (path, body) => {
      paths.push(path);
      expect(body).toMatchObject({ input: expect.any(String) });
      return { body: JSON.stringify({ data: [{ embedding: [0.1, 0.2, 0.3] }] }) };
    },
    { kind: 'embedding' },
  );
  expect(paths).toEqual(['/v1/embeddings']);
  expect(answer.text).toMatch(/as a vector of 3 numbers\.$/);
  engine?.close();
  await expect(ask(() => ({ body: '{"data":[]}' }), { kind: 'embedding' })).rejects.toMatchObject({
    code: 'not_answering',
  });
});

it('says what was refused, and that no chat is for a model that hears', async () => {
  await expect(ask(() => ({ status: 400, body: 'no such model' }))).rejects.toMatchObject({
    message: 'The server answered 400: no such model',
  });
  engine?.close();
  await expect(ask(() => ({ body: '' }), { kind: 'audio' })).rejects.toMatchObject({
    code: 'validation',
  });
});
