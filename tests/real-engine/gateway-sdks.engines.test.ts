import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import Anthropic from '@anthropic-ai/sdk';
import { jobEnd } from '@fixtures/core-harness';
import { createGatewayHarness, type GatewayHarness } from '@fixtures/gateway-harness';
import { execa } from 'execa';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/**
 * The official packages, unmodified, through the gateway: to the real mlx_lm.server for what a model can do, and to
 * the stand-in for what the built-in model never does (calls of tools, a load of twenty seconds, failures).
 */
let h: GatewayHarness;
let openai: OpenAI;
let anthropic: Anthropic;

const REAL = 'Real';
const WORDS = 'Hello from the stand-in.';
const SAYS = { WORDS: JSON.stringify(['Hello', ' from', ' the', ' stand-in.']) };
const LOAD_MS = 20_000;

beforeAll(async () => {
  h = await createGatewayHarness();
  const { id } = await h.client.call('engines.install', { engine: 'mlx-lm' });
  await jobEnd(h.client, id);
  const real = (await h.client.call('engines.list')).find(({ origin }) => origin === 'managed');
  if (!real) throw new Error('mlx-lm is not in the list of installations.');
  await h.registerEngine();
  await h.profile(REAL, {}, { installation: real.id });
  await h.profile('Stand-in', SAYS);
  const script = JSON.stringify([
    { name: 'get_weather', arguments: { city: 'Paris' } },
    { name: 'get_time', arguments: { zone: 'Europe/Paris' } },
  ]);
  await h.profile('Calls tools', { ...SAYS, TOOL_CALLS: script, REASONING: 'I look it up.' });
  await h.profile('Loads long', { ...SAYS, LOAD_MS });
  await h.profile('Fails to start', { FAIL: 'unsupported_architecture' });
  await h.profile('Breaks off', { ...SAYS, CUT_AFTER_TOKENS: 2 });
  await h.profile('Answers 500', { CHAT_FAULT: 'status-500' });
  await h.profile('By hand', {}, { start: 'manual' });
  const words = JSON.stringify(Array.from({ length: 500 }, (_, index) => ` ${index}`));
  await h.profile('Slow', { TOKEN_MS: 20, WORDS: words });
  openai = new OpenAI({ baseURL: `${h.url}/v1`, apiKey: 'none', maxRetries: 0 });
  anthropic = new Anthropic({ baseURL: h.url, apiKey: 'none', maxRetries: 0 });
});
afterAll(async () => {
  await h.proveNothingLeft();
  await h.close();
});

const user = (content: string) => ({ role: 'user', content }) as const;
const asked = [user('Say hello.')];

async function rejection(work: PromiseLike<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error('It did not fail.');
}

describe('openai', () => {
  test('the real engine answers whole and streamed, with its usage', async () => {
    const whole = await openai.chat.completions.create({
      ...{ model: REAL, messages: asked, max_tokens: 12, temperature: 0 },
    });
    const text = whole.choices[0]?.message.content ?? '';
    expect(whole).toMatchObject({ model: REAL, object: 'chat.completion' });
    expect(whole.usage?.completion_tokens).toBeGreaterThan(0);
    const stream = await openai.chat.completions.create({
      ...{ model: REAL, messages: asked, max_tokens: 12, temperature: 0, stream: true },
      stream_options: { include_usage: true },
    });
    let streamed = '';
    let usage: OpenAI.CompletionUsage | null | undefined;
    let finish: string | null | undefined;
    for await (const chunk of stream) {
      streamed += chunk.choices[0]?.delta.content ?? '';
      finish ??= chunk.choices[0]?.finish_reason;
      usage ??= chunk.usage;
    }
    expect(streamed).toBe(text);
    expect(finish).toBe(whole.choices[0]?.finish_reason);
    expect(usage).toMatchObject({
      prompt_tokens: whole.usage?.prompt_tokens,
      completion_tokens: whole.usage?.completion_tokens,
    });
  });

  test('the helper for streams puts the real answer together', async () => {
    const runner = openai.chat.completions.stream({ model: REAL, messages: asked, max_tokens: 8 });
    const final = await runner.finalChatCompletion();
    expect(final.choices[0]?.message.role).toBe('assistant');
  });

  test('Responses of the real engine, whole, streamed, and a second turn', async () => {
    const first = await openai.responses.create({
      ...{ model: REAL, input: 'Say hello.', max_output_tokens: 12 },
    });
    expect(first).toMatchObject({ object: 'response', model: REAL });
    const second = await openai.responses.create({
      ...{ model: REAL, input: 'Again.', max_output_tokens: 12, previous_response_id: first.id },
    });
    expect(second.usage?.input_tokens).toBeGreaterThan(first.usage?.input_tokens ?? 0);
    const runner = openai.responses.stream({ model: 'Stand-in', input: 'Say hello.' });
    const final = await runner.finalResponse();
    expect(final.output_text).toBe(WORDS);
  });

  const tools: OpenAI.ChatCompletionTool[] = ['get_weather', 'get_time'].map((name) => ({
    type: 'function',
    function: { name, parameters: { type: 'object', properties: { city: { type: 'string' } } } },
  }));

  test('tools are called, streamed and whole, and the second turn answers', async () => {
    const runner = openai.chat.completions.stream({ model: 'Calls tools', messages: asked, tools });
    const [choice] = (await runner.finalChatCompletion()).choices;
    const whole = await openai.chat.completions.create({
      model: 'Calls tools',
      messages: asked,
      tools,
    });
    for (const one of [choice, whole.choices[0]]) {
      const calls = one?.message.tool_calls ?? [];
      expect(one?.finish_reason).toBe('tool_calls');
      expect(calls.map((call) => call.type === 'function' && call.function)).toMatchObject([
        { name: 'get_weather', arguments: '{"city":"Paris"}' },
        { name: 'get_time', arguments: '{"zone":"Europe/Paris"}' },
      ]);
      expect(new Set(calls.map(({ id }) => id)).size).toBe(2);
      expect(Object(one?.message).reasoning_content).toBe('I look it up.');
    }
    const message = whole.choices[0]?.message;
    if (!message) throw new Error('no message');
    const results = (message.tool_calls ?? []).map(
      ({ id }) => ({ role: 'tool', tool_call_id: id, content: 'sunny' }) as const,
    );
    const second = await openai.chat.completions.create({
      ...{ model: 'Calls tools', messages: [...asked, message, ...results], tools },
    });
    expect(second.choices[0]?.message.content).toBe(WORDS);
  });

  test('failures are its own classes, with our sentence', async () => {
    const ask = (model: string, options = {}) =>
      openai.chat.completions.create({ model, messages: asked, ...options });
    const unknown = await rejection(ask('Nobody'));
    expect(unknown).toBeInstanceOf(OpenAI.NotFoundError);
    expect(unknown).toMatchObject({ code: 'model_not_found', param: 'model', status: 404 });
    expect(String(unknown)).toContain('There is no model "Nobody". Models: Real, Stand-in');
    const bad = await rejection(ask('Stand-in', { temperature: 'hot' }));
    expect(bad).toBeInstanceOf(OpenAI.BadRequestError);
    expect(bad).toMatchObject({ param: 'temperature' });
    expect(await rejection(ask('By hand'))).toMatchObject({
      status: 503,
      code: 'model_not_running',
    });
    const broken = await rejection(ask('Answers 500'));
    expect(broken).toBeInstanceOf(OpenAI.InternalServerError);
    expect(await rejection(ask('Fails to start'))).toMatchObject({
      message: expect.stringContaining('Fails to start failed.'),
    });
    const stream = await openai.chat.completions.create({
      ...{ model: 'Breaks off', messages: asked, stream: true },
    });
    let text = '';
    const cut = await rejection(
      (async () => {
        for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
      })(),
    );
    expect(text).toBe('Hello from');
    expect(cut).toBeInstanceOf(OpenAI.APIError);
    expect(cut).toMatchObject({ code: 'upstream_closed' });
    const key = await h.client.call('gateway.addKey', { name: 'For SDKs' });
    try {
      const wrong = await rejection(ask('Stand-in'));
      expect(wrong).toBeInstanceOf(OpenAI.AuthenticationError);
      const right = new OpenAI({ baseURL: `${h.url}/v1`, apiKey: key.key });
      expect((await right.models.list()).data.length).toBeGreaterThan(5);
    } finally {
      const [{ id } = { id: '' }] = await h.client.call('gateway.keys');
      await h.client.call('gateway.revokeKey', { keyId: id });
    }
  });

  test('the lists tell of the models', async () => {
    const ids = (await openai.models.list()).data.map(({ id }) => id);
    expect(ids).toContain(REAL);
    expect(await openai.models.retrieve(REAL)).toMatchObject({ id: REAL, object: 'model' });
  });
});

describe('anthropic', () => {
  test('the real engine answers whole and streamed, with its usage', async () => {
    const ask = { model: REAL, messages: asked, max_tokens: 12, temperature: 0 };
    const whole = await anthropic.messages.create(ask);
    expect(whole).toMatchObject({ type: 'message', role: 'assistant', model: REAL });
    expect(whole.usage.output_tokens).toBeGreaterThan(0);
    const final = await anthropic.messages.stream(ask).finalMessage();
    expect(final.content).toEqual(whole.content);
    expect(final.stop_reason).toBe(whole.stop_reason);
    expect(final.usage.output_tokens).toBe(whole.usage.output_tokens);
  });

  test('a prompt is counted as the engine counts it', async () => {
    const counted = await anthropic.messages.countTokens({ model: REAL, messages: asked });
    const whole = await anthropic.messages.create({ model: REAL, messages: asked, max_tokens: 1 });
    const { input_tokens: used, cache_read_input_tokens: cached } = whole.usage;
    expect(counted.input_tokens).toBe(used + (cached ?? 0));
  });

  const tools: Anthropic.Tool[] = ['get_weather', 'get_time'].map((name) => ({
    name,
    input_schema: { type: 'object', properties: { city: { type: 'string' } } },
  }));

  test('tools are called, and the second turn answers', async () => {
    const ask = { model: 'Calls tools', messages: asked, tools, max_tokens: 100 };
    const final = await anthropic.messages.stream(ask).finalMessage();
    const whole = await anthropic.messages.create(ask);
    for (const message of [final, whole]) {
      expect(message.stop_reason).toBe('tool_use');
      expect(message.content.filter(({ type }) => type === 'tool_use')).toMatchObject([
        { name: 'get_weather', input: { city: 'Paris' } },
        { name: 'get_time', input: { zone: 'Europe/Paris' } },
      ]);
    }
    const results = final.content.flatMap((block) =>
      block.type === 'tool_use'
        ? [{ type: 'tool_result', tool_use_id: block.id, content: 'sunny' } as const]
        : [],
    );
    const second = await anthropic.messages.create({
      ...ask,
      messages: [
        ...asked,
        { role: 'assistant', content: final.content },
        { role: 'user', content: results },
      ],
    });
    expect(second.content.find(({ type }) => type === 'text')).toMatchObject({ text: WORDS });
  });

  test('failures are its own classes, with our sentence', async () => {
    const ask = (model: string, options = {}) =>
      anthropic.messages.create({ model, messages: asked, max_tokens: 100, ...options });
    const unknown = await rejection(ask('Nobody'));
    expect(unknown).toBeInstanceOf(Anthropic.NotFoundError);
    expect(String(unknown)).toContain('There is no model');
    expect(await rejection(ask('Stand-in', { temperature: 'hot' }))).toBeInstanceOf(
      Anthropic.BadRequestError,
    );
    expect(await rejection(ask('Answers 500'))).toBeInstanceOf(Anthropic.InternalServerError);
    expect(await rejection(ask('By hand'))).toMatchObject({ status: 503 });
    const cut = await rejection(
      anthropic.messages
        .stream({ model: 'Breaks off', messages: asked, max_tokens: 100 })
        .finalMessage(),
    );
    expect(cut).toBeInstanceOf(Anthropic.APIError);
    expect(String(cut)).toContain('closed the connection');
  });
});

describe('both', () => {
  test('an abort in the middle of an answer ends it', async () => {
    for (const take of [
      async (): Promise<void> => {
        const stream = await openai.chat.completions.create({
          ...{ model: 'Slow', messages: asked, stream: true },
        });
        for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break;
      },
      async (): Promise<void> => {
        const stream = anthropic.messages.stream({
          model: 'Slow',
          messages: asked,
          max_tokens: 500,
        });
        for await (const event of stream) if (event.type === 'content_block_delta') break;
      },
    ]) {
      await take();
      await expect.poll(() => h.books(), { timeout: 2000 }).toEqual({ waiting: 0, underWay: 0 });
    }
  });

  test('a load of twenty seconds is waited for, whole and streamed', async () => {
    const model = 'Loads long';
    const began = performance.now();
    const [chat, message, streamed, response] = await Promise.all([
      openai.chat.completions.create({ model, messages: asked }),
      anthropic.messages.create({ model, messages: asked, max_tokens: 6 }),
      anthropic.messages.stream({ model, messages: asked, max_tokens: 6 }).finalMessage(),
      openai.responses.stream({ model, input: 'Say hello.' }).finalResponse(),
    ]);
    expect(performance.now() - began).toBeGreaterThan(LOAD_MS);
    expect(chat.choices[0]?.message.content).toBe(WORDS);
    for (const one of [message, streamed]) expect(one.content).toMatchObject([{ text: WORDS }]);
    expect(response.output_text).toBe(WORDS);
  });
});

/** What the packages of Python do with the same gateway; each line of its output is one fact. */
const PYTHON = `
import sys, anthropic, openai
base = sys.argv[1]
o = openai.OpenAI(base_url=base + '/v1', api_key='none', max_retries=0)
a = anthropic.Anthropic(base_url=base, api_key='none', max_retries=0)
asked = [{'role': 'user', 'content': 'Say hello.'}]
print('chat', o.chat.completions.create(model='Real', messages=asked, max_tokens=5).choices[0].message.role)
with o.chat.completions.stream(model='Stand-in', messages=asked) as s:
    print('stream', s.get_final_completion().choices[0].message.content)
print('response', o.responses.create(model='Stand-in', input='Say hello.').output_text)
with o.responses.stream(model='Stand-in', input='Say hello.') as s:
    for _ in s: pass
    print('responses', s.get_final_response().output_text)
print('message', a.messages.create(model='Real', messages=asked, max_tokens=5).role)
with a.messages.stream(model='Stand-in', messages=asked, max_tokens=50) as s:
    print('messages', s.get_final_text())
for name, ask, failure in [
    ('unknown', lambda: o.chat.completions.create(model='Nobody', messages=asked), openai.NotFoundError),
    ('unknown', lambda: a.messages.create(model='Nobody', messages=asked, max_tokens=5), anthropic.NotFoundError),
    ('broken', lambda: o.chat.completions.create(model='Answers 500', messages=asked), openai.InternalServerError),
    ('broken', lambda: a.messages.create(model='Answers 500', messages=asked, max_tokens=5), anthropic.InternalServerError),
]:
    try:
        ask()
        print(name, 'no failure')
    except failure as error:
        print(name, type(error).__name__)
def cut_openai():
    for _ in o.chat.completions.create(model='Breaks off', messages=asked, stream=True): pass
def cut_anthropic():
    with a.messages.stream(model='Breaks off', messages=asked, max_tokens=50) as s: s.get_final_text()
for ask, failure in [(cut_openai, openai.APIError), (cut_anthropic, anthropic.APIError)]:
    try:
        ask()
        print('cut', 'no failure')
    except failure as error:
        print('cut', 'closed the connection' in str(error))
`;

test("Python's openai and anthropic", async ({ skip }) => {
  const folder = join(h.home.folder, 'python');
  const python = join(folder, 'bin', 'python');
  const made = await execa('python3', ['-m', 'venv', folder], { reject: false });
  if (made.failed) return skip(`There is no Python that makes environments: ${made.stderr ?? ''}`);
  const install = ['-m', 'pip', 'install', '--quiet', 'openai', 'anthropic'];
  const installed = await execa(python, install, { reject: false });
  if (installed.failed) return skip(`The package index did not answer: ${installed.stderr ?? ''}`);
  const script = join(h.home.folder, 'ask.py');
  await writeFile(script, PYTHON);
  const { stdout } = await execa(python, [script, h.url]);
  expect(stdout.split('\n')).toEqual([
    'chat assistant',
    `stream ${WORDS}`,
    `response ${WORDS}`,
    `responses ${WORDS}`,
    'message assistant',
    `messages ${WORDS}`,
    'unknown NotFoundError',
    'unknown NotFoundError',
    'broken InternalServerError',
    'broken InternalServerError',
    'cut True',
    'cut True',
  ]);
});
