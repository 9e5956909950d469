import { suggestModels } from '@core/hub/suggested-models';
import type { HubModelPage } from '@shared/domain/hub';
import { DomainError } from '@shared/errors';
import { describe, expect, it } from 'vitest';

const GIB = 2 ** 30;

/** A hub whose models take what the figure in their name says, on a machine with so much free. */
function hub(freeGib: number, missing: readonly string[] = []) {
  const asked: string[] = [];
  const page = async (ref: string): Promise<HubModelPage> => {
    asked.push(ref);
    if (missing.includes(ref)) throw new DomainError('not_found', `There is no ${ref}.`);
    const billions = Number(/-([\d.]+)b/i.exec(ref.replace('Llama-3.2', 'Llama'))?.[1]);
    const total = billions * 0.7 * GIB;
    const fit = { verdict: total < freeGib * GIB ? 'fits' : 'no', total };
    return {
      facts: { sizeBytes: total, parameters: billions * 1e9, bits: 4, fit },
      template: { toolCalls: true, reasoning: ref.includes('Qwen') ? 'switchable' : 'none' },
    } as HubModelPage;
  };
  return { asked, page };
}

const names = async (freeGib: number, missing?: readonly string[]) =>
  (await suggestModels(hub(freeGib, missing).page)).map(({ name }) => name);

describe('models for who runs the first one', () => {
  it.each([
    [64, ['Qwen3 32B', 'Llama 3.2 3B', 'Gemma 3 27B']],
    [12, ['Qwen3 14B', 'Llama 3.2 3B', 'Gemma 3 12B']],
    [6, ['Qwen3 8B', 'Llama 3.2 3B', 'Gemma 3 4B']],
    [1, ['Qwen3 0.6B', 'Llama 3.2 1B']],
    [0.1, []],
  ])('with %s GiB free', async (free, expected) => expect(await names(free)).toEqual(expected));

  it('say what the hub says of them', async () => {
    const [first, second] = await suggestModels(hub(6).page);
    expect(first).toMatchObject({
      ref: 'mlx-community/Qwen3-8B-4bit',
      about: 'Good at most things',
      parameters: 8e9,
      bits: 4,
      reasons: true,
      callsTools: true,
    });
    expect(second).toMatchObject({ reasons: false });
  });

  it('no more is asked than is needed', async () => {
    const harness = hub(64);
    await suggestModels(harness.page);
    expect(harness.asked).toHaveLength(3);
  });

  it('pass over what the hub no longer has, and say when it cannot be asked', async () => {
    expect(await names(64, ['mlx-community/Qwen3-32B-4bit'])).toContain('Qwen3 14B');
    const offline = async (): Promise<never> => {
      throw new DomainError('offline', 'The hub cannot be reached.');
    };
    await expect(suggestModels(offline)).rejects.toMatchObject({ code: 'offline' });
  });

  it('end with the first refusal: no other model is asked for', async () => {
    const asked: string[] = [];
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    const busy = async (ref: string): Promise<never> => {
      asked.push(ref);
      await turn();
      const code = asked[0] === ref ? 'rate_limited' : 'not_found';
      throw new DomainError(code, 'Not now.');
    };
    await expect(suggestModels(busy)).rejects.toMatchObject({ code: 'rate_limited' });
    for (let round = 0; round < 20; round++) await turn();
    expect(asked).toHaveLength(3);
  });
});
