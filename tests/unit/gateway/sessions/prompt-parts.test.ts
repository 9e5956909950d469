import type { Message } from '@gateway/conversation/conversation';
import { isSamePart, promptParts, withoutText } from '@gateway/sessions/prompt-parts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { assistant, conversation, system, text, tool, user } from './conversations';

describe('promptParts', () => {
  it('has system messages that open it, tools one by one, and the other messages, in this order', () => {
    const parts = promptParts(
      conversation(
        [system('Be short.'), user('hi'), system('A note'), assistant('Hello')],
        [tool('a'), tool('b')],
      ),
    );
    expect(parts.map(({ role }) => role)).toEqual([
      'system',
      'tools',
      'tools',
      'user',
      'system',
      'assistant',
    ]);
    expect(parts.map(({ length }) => length)).toEqual(parts.map((part) => part.text?.length));
    for (const { hash } of parts) expect(hash).toMatch(/^[0-9a-f]{16}$/);
  });

  it('is the same for the same text as a string or in pieces', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' }), { maxLength: 6 }), (pieces) => {
        const whole = promptParts(conversation([user(pieces.join(''))]));
        const cut: Message = { role: 'user', parts: pieces.flatMap(text) };
        expect(promptParts(conversation([cut]))).toEqual(whole);
      }),
    );
  });

  it('is another one for another text, role, call or picture', () => {
    const [one] = promptParts(conversation([user('a')]));
    const others: Message[] = [
      user('b'),
      system('a'),
      { role: 'assistant', parts: text('a'), calls: [{ id: '1', name: 'f', arguments: '{}' }] },
      { role: 'user', parts: [...text('a'), { kind: 'image', url: 'data:image/png;base64,AA==' }] },
    ];
    for (const other of others) {
      expect(isSamePart(one, promptParts(conversation([other]))[0])).toBe(false);
    }
  });

  it('keeps a picture as what it is, not with its bytes', () => {
    const url = `data:image/png;base64,${'A'.repeat(1_000_000)}`;
    const [part] = promptParts(conversation([{ role: 'user', parts: [{ kind: 'image', url }] }]));
    expect(part?.length).toBeLessThan(100);
  });

  it('takes a schema that is nested deeper than the stack', () => {
    let parameters: unknown = {};
    for (let depth = 0; depth < 200_000; depth++) parameters = { a: parameters };
    const [part] = promptParts(conversation([], [{ name: 'deep', parameters }]));
    expect(part?.text).toContain('deep');
  });

  it('gives no text to what is kept', () => {
    const parts = promptParts(conversation([user('a secret')]));
    expect(JSON.stringify(parts.map(withoutText))).not.toContain('secret');
  });
});
