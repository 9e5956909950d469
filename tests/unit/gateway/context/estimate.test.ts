import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { demoModelFiles } from '@core/models/demo-model';
import { LONG_TALK, READ_TOOL, TOOL_TEMPLATE, user } from '@fixtures/prompt-models';
import { promptBounds } from '@gateway/context/estimate';
import { ChatTemplate } from '@gateway/context/template';
import { PromptTokenizer } from '@gateway/context/tokenizer';
import type { Tool } from '@gateway/conversation/conversation';

/** The built-in model's vocabulary has one token for each byte: the most that any tokenizer makes. */
function tokensOf(
  messages: Parameters<typeof promptBounds>[0]['messages'],
  tools: readonly Tool[],
) {
  const template = new ChatTemplate({ config: {}, jinja: TOOL_TEMPLATE });
  const json: unknown = JSON.parse(String(demoModelFiles().get('tokenizer.json')));
  const tokenizer = new PromptTokenizer(json, {}, template.text);
  return tokenizer.count(template.render({ messages, tools, templateArgs: {} }));
}

describe('the bounds of a prompt', () => {
  it('hold for a conversation with tools, calls and letters of many scripts', () => {
    const bounds = promptBounds({ messages: LONG_TALK, tools: [READ_TOOL] });
    expect(bounds.most).toBeGreaterThan(tokensOf(LONG_TALK, [READ_TOOL]));
    expect(bounds.likely).toBeLessThan(bounds.most ?? 0);
  });

  it('hold for whatever is said', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'binary', maxLength: 2000 }), { minLength: 1, maxLength: 3 }),
        fc.json(),
        (texts, json) => {
          const messages = [
            ...texts.map((text) => user(text)),
            {
              role: 'assistant' as const,
              parts: [],
              reasoning: texts[0],
              calls: [{ id: 'a', name: 'b', arguments: json }],
            },
          ];
          const tools = [{ name: 'b', parameters: JSON.parse(json) as unknown }];
          const { most } = promptBounds({ messages, tools });
          expect(most).toBeGreaterThanOrEqual(tokensOf(messages, tools));
        },
      ),
      { numRuns: 40 },
    );
  });

  it('count what is composed anew: letters that become three of their kind', () => {
    const text = '\u{1D160}'.repeat(1000);
    const { most } = promptBounds({ messages: [user(text)], tools: [] });
    expect(most).toBeGreaterThanOrEqual(Buffer.byteLength(text.normalize('NFC')));
  });

  it('have no upper end where there is an image, and a likely size all the same', () => {
    const image = { kind: 'image', url: 'data:image/png;base64,AAAA' } as const;
    const messages = [{ role: 'user', parts: [image] } as const];
    expect(promptBounds({ messages, tools: [] })).toEqual({
      most: undefined,
      likely: expect.any(Number),
    });
  });
});
