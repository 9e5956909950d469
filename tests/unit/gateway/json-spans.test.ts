import {
  arrayElements,
  DEEPEST,
  fieldOf,
  findModel,
  JsonTextError,
  objectFields,
  replaceSpans,
  rewriteFields,
} from '@gateway/json/spans';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

/** An object's text with white space between its tokens, as a client might write it. */
const spaced = fc
  .tuple(fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom(undefined, 1, '\t', ' \n'))
  .map(([value, space]) => ` ${JSON.stringify(value, undefined, space)}\r\n`);

describe('spans of a JSON text', () => {
  it('are where JSON.parse finds the values', () => {
    fc.assert(
      fc.property(spaced, (text) => {
        const fields = objectFields(text);
        const found = fields.map(({ key, start, end }) => [
          key,
          JSON.parse(text.slice(start, end)),
        ]);
        expect(Object.fromEntries(found)).toEqual(JSON.parse(text));
      }),
    );
  });

  it('of a list are its elements', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), fc.constantFrom(undefined, 2), (list, space) => {
        const text = JSON.stringify(list, undefined, space);
        const found = arrayElements(text).map(({ start, end }) =>
          JSON.parse(text.slice(start, end)),
        );
        expect(found).toEqual(JSON.parse(text));
      }),
    );
  });

  it('are found only in what JSON.parse accepts', () => {
    const damaged = fc
      .tuple(spaced, fc.nat(), fc.nat(3), fc.constantFrom('', ',', '"', '\\', '}', '0', '\u0001'))
      .map(([text, at, length, put]) => {
        const from = at % (text.length + 1);
        return text.slice(0, from) + put + text.slice(from + length);
      });
    fc.assert(
      fc.property(damaged, (text) => {
        let fields: ReturnType<typeof objectFields>;
        try {
          fields = objectFields(text);
        } catch (error) {
          expect(error).toBeInstanceOf(JsonTextError);
          return;
        }
        const found = fields.map(({ key, start, end }) => [
          key,
          JSON.parse(text.slice(start, end)),
        ]);
        expect(Object.fromEntries(found)).toEqual(JSON.parse(text));
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    '',
    '   ',
    '[]',
    'null',
    '{',
    '{"a"',
    '{"a":',
    '{"a":1',
    '{"a":1,}',
    '{"a":01}',
    '{"a":1.}',
    '{"a":tru}',
    '{"a":"\\x"}',
    '{"a":"\\u12"}',
    '{"a":"line\nbreak"}',
    '{"a":1}{}',
    "{'a':1}",
    '\uFEFF{}',
    '{"a":[1 2]}',
    '{"a" 1}',
  ])('refuse %j', (text) => {
    expect(() => objectFields(text)).toThrow(JsonTextError);
    if (text !== '[]' && text !== 'null') expect(() => JSON.parse(text)).toThrow();
  });

  it('refuse what is nested without end, and do not run out of stack', () => {
    const deep = (levels: number): string => `{"a":${'['.repeat(levels)}${']'.repeat(levels)}}`;
    expect(objectFields(deep(DEEPEST - 1))).toHaveLength(1);
    expect(() => objectFields(deep(DEEPEST))).toThrow(/levels deep/);
    expect(() => objectFields(deep(1_000_000))).toThrow(/levels deep/);
  });
});

describe('the model of a body', () => {
  it('is the last one, as JSON.parse has it', () => {
    const text = '{"model":"a","stream":false,"\\u006dodel":"b\\n","stream":true}';
    expect(findModel(text)).toMatchObject({ model: 'b\n', isStream: true });
    expect(JSON.parse(text)).toEqual({ model: 'b\n', stream: true });
  });

  it('is only one at the top', () => {
    expect(findModel('{"a":{"model":"x"},"__proto__":{"model":"y"}}')).toMatchObject({
      model: undefined,
      isStream: false,
    });
    expect(findModel('{"model":7,"stream":"true"}')).toMatchObject({
      model: undefined,
      isStream: false,
    });
  });
});

describe('fields that change', () => {
  const change = (text: string, changes: [string, string | undefined][]): string =>
    rewriteFields(text, objectFields(text), new Map(changes));

  it('mean what the object means with them, and leave every other byte', () => {
    const values = fc.dictionary(fc.string(), fc.option(fc.jsonValue(), { nil: undefined }));
    fc.assert(
      fc.property(spaced, values, (text, changes) => {
        const entries = Object.entries(changes).map(
          ([key, value]): [string, string | undefined] => [
            key,
            value === undefined ? undefined : JSON.stringify(value),
          ],
        );
        const expected = new Map(Object.entries(JSON.parse(text) as object));
        for (const [key, value] of entries)
          if (value === undefined) expected.delete(key);
          else expected.set(key, JSON.parse(value));
        expect(JSON.parse(change(text, entries))).toEqual(Object.fromEntries(expected));
      }),
    );
  });

  it('keep the spaces of the others', () => {
    const text = '{ "model" : "a" ,\n  "messages": [ 1,  2 ], "n":null}';
    expect(change(text, [])).toBe(text);
    expect(change(text, [['model', '"b"']])).toBe(
      '{ "model" : "b" ,\n  "messages": [ 1,  2 ], "n":null}',
    );
    expect(change(text, [['messages', undefined]])).toBe('{ "model" : "a", "n":null}');
    expect(change(text, [['model', undefined]])).toBe('{ "messages": [ 1,  2 ], "n":null}');
    expect(change('{}', [['a', '1']])).toBe('{"a":1}');
    expect(change('{"a":1}', [['a', undefined]])).toBe('{}');
  });

  it('are changed once where a key comes twice', () => {
    expect(change('{"a":1,"b":2,"a":3}', [['a', '4']])).toBe('{"b":2,"a":4}');
    expect(change('{"a":1,"b":2,"a":3}', [['a', undefined]])).toBe('{"b":2}');
  });

  it('are replaced by spans in any order', () => {
    const text = '{"a":1,"b":2}';
    const fields = objectFields(text);
    const [a, b] = [fieldOf(fields, 'a'), fieldOf(fields, 'b')];
    expect(
      a &&
        b &&
        replaceSpans(text, [
          { ...b, text: '20' },
          { ...a, text: '10' },
        ]),
    ).toBe('{"a":10,"b":20}');
    expect(() =>
      replaceSpans(text, [
        { start: 0, end: 5, text: '' },
        { start: 4, end: 6, text: '' },
      ]),
    ).toThrow(RangeError);
  });
});
