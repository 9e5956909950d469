import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { demoModelFiles } from '@core/models/demo-model';
import {
  assistant,
  LONG_TALK,
  READ_TOOL,
  system,
  TOOL_TEMPLATE,
  user,
  writePromptModel,
} from '@fixtures/prompt-models';
import { createTempHome, type TempHome } from '@fixtures/temp-home';
import { TokenCounter, type TokenCounterOptions } from '@gateway/context/counter';
import { promptBounds } from '@gateway/context/estimate';
import type { Message } from '@gateway/conversation/conversation';

let home: TempHome;
let counter: TokenCounter;
const counters: TokenCounter[] = [];

beforeEach(async () => {
  home = await createTempHome();
  counter = counterWith({});
});
afterEach(async () => {
  await Promise.all(counters.splice(0).map((one) => one.close()));
  await home.close();
});

function counterWith(options: TokenCounterOptions): TokenCounter {
  const made = new TokenCounter(options);
  counters.push(made);
  return made;
}

async function model(
  name: string,
  changes: Readonly<Record<string, string | undefined>> = {},
): Promise<{ readonly modelFolder: string; readonly engine: string }> {
  const modelFolder = join(home.folder, name);
  await writePromptModel(modelFolder, changes);
  return { modelFolder, engine: 'mlx-lm' };
}

/** One token for each byte, and the three of the markers around what the demo's template writes. */
const tokensOf = (...texts: readonly string[]): number =>
  texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);

const said = (...messages: readonly Message[]) => ({ messages, tools: [] });
const broken = (template: string) => ({
  'tokenizer_config.json': JSON.stringify({ chat_template: template }),
});
const HANGS = broken(
  '{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}',
);

describe('a count', () => {
  it('is exact with the files of the model', async () => {
    const target = await model('demo');
    const count = await counter.count(target, said(system('Grüße'), user('a', 'b')));
    const text = ['system\nGrüße', '\n', 'user\nab', '\n', 'assistant\n'];
    expect(count).toEqual({ tokens: tokensOf(...text) + 5, exact: true });
  });

  it('takes the tools, the arguments of the template, and a changed file into account', async () => {
    const target = await model('tools', { 'chat_template.jinja': TOOL_TEMPLATE });
    const on = { ...target, templateArgs: { enable_thinking: true } };
    const { tokens: plain } = await counter.count(on, said(user('hi')));
    const withTools = { messages: [user('hi')], tools: [READ_TOOL] };
    const schema = tokensOf(JSON.stringify(READ_TOOL.parameters));
    const { tokens } = await counter.count(target, withTools);
    expect(tokens).toBeGreaterThan(plain + schema);
    const off = { ...target, templateArgs: { enable_thinking: false } };
    expect((await counter.count(off, said(user('hi')))).tokens).toBe(
      plain + tokensOf('<think>\n\n</think>\n\n'),
    );
    await writePromptModel(target.modelFolder, { 'chat_template.jinja': '12345' });
    expect((await counter.count(target, said(user('hi')))).tokens).toBe(5);
  });

  it('takes into account what the engine tells every template', async () => {
    const target = await model('thinks', { 'chat_template.jinja': TOOL_TEMPLATE });
    const count = async (engine: string) =>
      (await counter.count({ ...target, engine }, said(user('hi')))).tokens;
    const silent = await count('custom');
    const closed = tokensOf('<think>\n\n</think>\n\n');
    // The built-in model has no tokens for thinking.
    expect(await count('mlx-lm')).toBe(silent + closed);
    expect(await count('mlx-vlm')).toBe(silent + closed);
    expect(await count('vllm-mlx')).toBe(silent);
  });

  it('of a conversation that grew is that of its parts', async () => {
    const target = await model('growing', { 'chat_template.jinja': TOOL_TEMPLATE });
    const talk: Message[] = [];
    for (const message of [...LONG_TALK, assistant('One more.'), user('And one.')]) {
      talk.push(message);
      const fresh = counterWith({});
      expect(await counter.count(target, said(...talk))).toEqual(
        await fresh.count(target, said(...talk)),
      );
      await fresh.close();
    }
  });

  it('runs beside others, in order, and one that is no longer wanted leaves', async () => {
    const target = await model('many');
    const gone = new AbortController();
    const lost = counter.count(target, said(user('gone')), gone.signal);
    const left = counter.count(target, said(user('left')), gone.signal);
    const counts = Array.from({ length: 20 }, (_, n) =>
      counter.count(target, said(user('x'.repeat(n)))),
    );
    gone.abort(new Error('the client is gone'));
    await expect(lost).rejects.toThrow('the client is gone');
    await expect(left).rejects.toThrow('the client is gone');
    const tokens = (await Promise.all(counts)).map((count) => count.tokens);
    expect(tokens).toEqual(tokens.map((_, n) => (tokens[0] ?? 0) + n));
    await expect(counter.count(target, said(), gone.signal)).rejects.toThrow('the client is gone');
  });
});

describe('an estimate, with its reason,', () => {
  const estimate = (why: string | RegExp, conversation = said(user('hi'))) => ({
    tokens: promptBounds(conversation).likely,
    exact: false,
    why: typeof why === 'string' ? why : expect.stringMatching(why),
  });

  it('is what there is without a folder, a tokenizer or a template', async () => {
    const count = (target: { modelFolder?: string }) =>
      counter.count({ engine: 'mlx-lm', ...target }, said(user('hi')));
    expect(await count({})).toEqual(estimate('the model has no folder on this machine'));
    expect(await count({ modelFolder: join(home.folder, 'nothing') })).toEqual(
      estimate('the model has no tokenizer.json'),
    );
    expect(await count(await model('plain', { 'tokenizer_config.json': '{}' }))).toEqual(
      estimate(/can't be used: the model has no chat template$/),
    );
    const special = JSON.stringify({ chat_template: 'x', chat_template_type: 'deepseek_v32' });
    expect(await count(await model('special', { 'tokenizer_config.json': special }))).toEqual(
      estimate('only the engine has its chat template'),
    );
    expect(await count(await model('torn', { 'tokenizer.json': '{"model": ' }))).toEqual(
      estimate(/can't be used: tokenizer.json isn't valid JSON$/),
    );
  });

  it('is what there is where the template refuses, and the next conversation is counted', async () => {
    const template =
      "{% if messages | length > 1 %}{{ raise_exception('One at a time') }}{% endif %}x";
    const target = await model('strict', broken(template));
    const two = said(user('hi'), user('again'));
    expect(await counter.count(target, two)).toEqual(
      estimate('the chat template failed: One at a time', two),
    );
    expect(await counter.count(target, said(user('hi')))).toEqual({ tokens: 1, exact: true });
  });

  it('is what there is of images', async () => {
    const image = { kind: 'image', url: 'https://example.test/a.png' } as const;
    const conversation = said({ role: 'user', parts: [image] });
    const why = 'only the engine can count images and audio';
    expect(await counter.count(await model('sees'), conversation)).toEqual(
      estimate(why, conversation),
    );
  });

  it('follows on a template that never ends, and other models are counted by a new thread', async () => {
    const fast = counterWith({ timeLimitMs: 5000 });
    const hangs = await model('hangs', HANGS);
    const good = await model('good');
    const why = "the model's tokenizer or chat template took more than 5 s";
    const [bad, fine] = await Promise.all([
      fast.count(hangs, said(user('hi'))),
      fast.count(good, said(user('hi'))),
    ]);
    expect(bad).toEqual(estimate(why));
    expect(fine).toEqual(await counter.count(good, said(user('hi'))));
    // It is not tried again for a while: nobody waits for it twice.
    const before = performance.now();
    expect(await fast.count(hangs, said(user('hi')))).toEqual(estimate(why));
    expect(performance.now() - before).toBeLessThan(5000);
  });

  it('follows on a pattern that never ends', async () => {
    const json = JSON.parse(String(demoModelFiles().get('tokenizer.json'))) as object;
    const pattern = { Regex: '(?:a+)+$' };
    const pre_tokenizer = { type: 'Split', pattern, behavior: 'Isolated', invert: false };
    const target = await model('pattern', {
      'tokenizer.json': JSON.stringify({ ...json, pre_tokenizer }),
    });
    const fast = counterWith({ timeLimitMs: 2000 });
    const conversation = said(user(`${'a'.repeat(60)}b`));
    expect(await fast.count(target, conversation)).toEqual(
      estimate("the model's tokenizer or chat template took more than 2 s", conversation),
    );
  });

  it('follows on a template that wants all memory, in steps that are small each', async () => {
    const target = await model(
      'greedy',
      broken(
        "{% set n = namespace(s='ab', l=[]) %}{% for i in range(17) %}{% set n.s = n.s + n.s %}{% endfor %}" +
          '{% for i in range(99999) %}{% set n.l = n.l + [(n.s ~ i) | upper] %}{% endfor %}',
      ),
    );
    const small = counterWith({ memoryLimitMb: 64 });
    expect(await small.count(target, said(user('hi')))).toEqual(
      estimate("the model's tokenizer or chat template took more than 64 MB"),
    );
    expect(await small.count(await model('good'), said(user('hi')))).toMatchObject({ exact: true });
  });

  it('is the answer of one that was closed, at once', async () => {
    const hangs = await model('hangs', HANGS);
    const waiting = counter.count(hangs, said(user('hi')));
    await counter.close();
    expect(await waiting).toEqual(estimate('the gateway is closing'));
    expect(await counter.count(hangs, said(user('hi')))).toEqual(
      estimate('the gateway is closing'),
    );
  });
});

describe('the thread that asks', () => {
  it('is held up for less than 10 ms by a prompt of 100,000 tokens', async () => {
    const target = await model('long', { 'chat_template.jinja': TOOL_TEMPLATE });
    await counter.prepare(target);
    const text = 'The quick brown fox jumps. '.repeat(740);
    const talk = (turn: number) =>
      said(...Array.from({ length: 20 }, (_, n) => user(`${turn} ${n} ${text}`)));
    const times: number[] = [];
    for (const turn of [1, 2, 3, 4, 5, 6]) {
      const conversation = talk(turn);
      const before = performance.now();
      const counting = counter.count(target, conversation);
      times.push(performance.now() - before);
      expect((await counting).tokens).toBeGreaterThan(390_000);
    }
    // What hands it over; all else runs in the other thread. The quickest, since others use the processor too.
    expect(Math.min(...times)).toBeLessThan(10);
  });
});
