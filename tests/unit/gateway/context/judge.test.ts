import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { LONG_TALK, READ_TOOL, user, writePromptModel } from '@fixtures/prompt-models';
import { createTempHome, type TempHome } from '@fixtures/temp-home';
import { TokenCounter } from '@gateway/context/counter';
import { judgeContext } from '@gateway/context/judge';

let home: TempHome;
let counter: TokenCounter;

beforeEach(async () => {
  home = await createTempHome();
  counter = new TokenCounter();
});
afterEach(async () => {
  await counter.close();
  await home.close();
});

/** The built-in model with another context length; each byte is one of its tokens. */
async function target(contextLength: number | undefined) {
  const modelFolder = join(home.folder, 'demo');
  await writePromptModel(modelFolder);
  return { modelFolder, engine: 'mlx-lm', contextLength, answerLimit: 512 };
}

const said = (text: string, maxTokens?: number) => ({
  messages: [user(text)],
  tools: [],
  maxTokens,
});

describe('a request that is held against its context', () => {
  it('is not counted where its bytes prove that it fits, or no context length is known', async () => {
    const short = said('hi', 100);
    const fits = { verdict: { kind: 'fits', maxTokens: 100 } };
    expect(await judgeContext(counter, await target(8192), short)).toEqual(fits);
    expect(await judgeContext(counter, await target(undefined), short)).toEqual(fits);
  });

  it('is counted where it is near, and shortened or refused by what was counted', async () => {
    const model = await target(1000);
    // user, its text, assistant, two ends of lines more than that, and three markers.
    const around = Buffer.byteLength('user\n\nassistant\n') + 3;
    const exactly = (tokens: number) => ({ tokens, exact: true });
    expect(await judgeContext(counter, model, said('x'.repeat(488 - around)))).toEqual({
      verdict: { kind: 'fits', maxTokens: undefined },
      count: exactly(488),
    });
    expect(await judgeContext(counter, model, said('x'.repeat(489 - around)))).toEqual({
      verdict: {
        kind: 'clamped',
        maxTokens: 511,
        change: 'max_tokens became 511, what the context has left',
      },
      count: exactly(489),
    });
    expect(await judgeContext(counter, model, said('x'.repeat(1001 - around)))).toMatchObject({
      verdict: {
        kind: 'over',
        refusal: {
          message: expect.stringMatching(/^prompt is too long: 1001 tokens > 1000 maximum/),
        },
      },
      count: exactly(1001),
    });
  });

  it('keeps a reserve where it has tools', async () => {
    const model = await target(1400);
    const plain = { messages: LONG_TALK, tools: [], maxTokens: 1 };
    const { count } = await judgeContext(counter, model, plain);
    const free = 1400 - (count?.tokens ?? Number.NaN);
    expect(free).toBeGreaterThan(0);
    const full = { ...plain, messages: [...LONG_TALK, user('x'.repeat(free - 100))] };
    expect((await judgeContext(counter, model, full)).verdict.kind).toBe('fits');
    const turn = { ...full, tools: [READ_TOOL] };
    expect((await judgeContext(counter, model, turn)).verdict.kind).toBe('over');
  });

  it('is told where it was only estimated', async () => {
    const model = { ...(await target(1000)), modelFolder: undefined };
    expect(await judgeContext(counter, model, said('x'.repeat(600), 10))).toMatchObject({
      verdict: {
        kind: 'fits',
        maxTokens: 10,
        change: expect.stringMatching(/^the prompt was estimated at \d+ tokens, because the model/),
      },
      count: { exact: false },
    });
  });
});
