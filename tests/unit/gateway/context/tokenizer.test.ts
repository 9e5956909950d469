import { Tokenizer } from '@huggingface/tokenizers';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { demoModelFiles } from '@core/models/demo-model';
import { boundaryOf, PromptTokenizer } from '@gateway/context/tokenizer';

interface DemoTokenizer {
  readonly added_tokens: readonly object[];
  readonly model: object;
}
const json = JSON.parse(String(demoModelFiles().get('tokenizer.json'))) as DemoTokenizer;
const TEMPLATE = '<|im_start|>{{ role }}<|im_end|>';

const special = (content: string, more: object = {}) => ({ content, special: true, ...more });

describe('a tokenizer that remembers parts', () => {
  /** A vocabulary with merges, letters that are prepended at the beginning alone, and tokens that take white space. */
  const metaspace = {
    added_tokens: [
      { id: 0, ...special('<s>') },
      { id: 1, ...special('<e>', { rstrip: true }) },
      { id: 2, ...special('<m>', { lstrip: true }) },
    ],
    normalizer: null,
    pre_tokenizer: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'first', split: true },
    post_processor: null,
    decoder: null,
    model: {
      type: 'BPE',
      unk_token: '?',
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries(
        ['<s>', '<e>', '<m>', '?', '▁', 'a', 'b', '▁a', 'ab', '▁ab', 'bb'].map((t, i) => [t, i]),
      ),
      merges: ['▁ a', 'a b', '▁ ab', 'b b'],
    },
  };
  const pieces = fc.array(
    fc.constantFrom('<s>', '<e>', '<m>', 'a', 'b', ' ', 'bb', '\n', '<', 's>', 'ü'),
    { maxLength: 40 },
  );

  it.each([
    ['byte-level', json, TEMPLATE],
    ['metaspace', metaspace, '<s><e><m>'],
  ])('counts as the whole text is counted: %s', (_, file, template) => {
    const whole = new Tokenizer(file, {});
    const ours = new PromptTokenizer(file, {}, template);
    fc.assert(
      fc.property(pieces, (list) => {
        const text = list.join('').replaceAll('<s>', file === json ? '<|im_start|>' : '<s>');
        const expected = whole.tokenize(text).length;
        expect(ours.count(text)).toBe(expected);
        expect(ours.count(text)).toBe(expected);
      }),
      { numRuns: 500 },
    );
  });

  it('does not need what is only for decoding, whatever that is', () => {
    const odd = { ...json, decoder: { type: 'Unheard' }, post_processor: { type: 'Unheard' } };
    expect(new PromptTokenizer(odd, {}, TEMPLATE).count('<|im_start|>ü')).toBe(3);
  });

  it('is refused where it is no tokenizer', () => {
    expect(() => new PromptTokenizer([], {}, '')).toThrow("isn't an object");
    expect(() => new PromptTokenizer({ model: { type: 'Unheard' } }, {}, '')).toThrow('Unheard');
  });
});

describe('where a prompt may be cut', () => {
  it('in front of special tokens that the template writes', () => {
    const found = boundaryOf([special('<a>'), special('<b>'), special('<c>')], 'x<a>y<b>');
    expect('1<a>2<b><a>3<c>'.split(found ?? '')).toEqual(['1', '<a>2', '<b>', '<a>3<c>']);
  });

  it('not in front of one that another one could reach into, or that is looked for later', () => {
    const safe = (...more: readonly object[]) =>
      boundaryOf([special('<a>'), ...(more as readonly { content: string }[])], '<a><aa>');
    expect(safe()).toBeDefined();
    expect(safe({ content: 'x<' })).toBeUndefined();
    expect(safe({ content: 'x<a>' })).toBeUndefined();
    expect(safe({ content: '>' })).toBeDefined();
    expect(boundaryOf([special('<a>', { lstrip: true })], '<a>')).toBeUndefined();
    expect(boundaryOf([special('<a>', { normalized: true })], '<a>')).toBeUndefined();
    expect(boundaryOf([special('<a>', { single_word: true })], '<a>')).toBeUndefined();
    expect(boundaryOf([special('aba')], 'aba')).toBeUndefined();
    expect(boundaryOf([{ content: '<a>' }], '<a>')).toBeUndefined();
  });

  it('and takes no letter of a token for a sign of its own', () => {
    const found = boundaryOf([special('[INST]'), special('$^.*+?(|){}\\')], '[INST]$^.*+?(|){}\\');
    expect('I[INST]a$^.*+?(|){}\\'.split(found ?? '')).toEqual(['I', '[INST]a', '$^.*+?(|){}\\']);
  });
});
