import { SseDecoder, type SseItem, SseTooLongError } from '@gateway/dialects/sse';
import { cpuMsOf } from '@fixtures/cpu-time';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** What a decoder says of bytes in pieces that end at these places. */
function decode(bytes: Uint8Array, cuts: readonly number[] = []): SseItem[] {
  const decoder = new SseDecoder();
  const places = [...new Set([...cuts, bytes.length])].sort((a, b) => a - b);
  let from = 0;
  return places.flatMap((to) => {
    const piece = bytes.subarray(from, to);
    from = to;
    return decoder.push(piece);
  });
}

const line = fc.string({ unit: 'grapheme' }).map((text) => text.replace(/[\r\n]/g, ''));
const item: fc.Arbitrary<SseItem> = fc.oneof(
  fc.record({ type: fc.constant('comment' as const), text: line.map((text) => text.trimStart()) }),
  fc
    .tuple(fc.array(line, { minLength: 1, maxLength: 3 }), fc.option(line.filter(Boolean)))
    .map(([lines, event]): SseItem => {
      const data = lines.join('\n');
      return event === null ? { type: 'event', data } : { type: 'event', event, data };
    }),
);

/** How a server writes an item. */
function written(one: SseItem, end: string): string {
  if (one.type === 'comment') return `: ${one.text}${end}`;
  const name = one.event === undefined ? '' : `event: ${one.event}${end}`;
  const data = one.data.split('\n').map((text) => `data: ${text}${end}`);
  return name + data.join('') + end;
}

describe('server-sent events', () => {
  it('are the same wherever their bytes are cut, with each end of line', () => {
    fc.assert(
      fc.property(
        fc.array(item, { maxLength: 6 }),
        fc.constantFrom('\n', '\r\n', '\r'),
        fc.array(fc.nat(400)),
        (items, end, cuts) => {
          const bytes = bytesOf(items.map((one) => written(one, end)).join(''));
          const within = cuts.filter((cut) => cut < bytes.length);
          // A last carriage return ends its line, whatever comes next.
          expect(decode(bytes, within)).toEqual(items);
        },
      ),
    );
  });

  it('come one byte at a time', () => {
    const text =
      ': keepalive 20/21\r\n\r\nevent: x\r\ndata:{"a":"é😀"}\r\n\r\ndata: [DONE]\r\n\r\n';
    const bytes = bytesOf(text);
    const each = [...bytes.keys()];
    expect(decode(bytes, each)).toEqual([
      { type: 'comment', text: 'keepalive 20/21' },
      { type: 'event', event: 'x', data: '{"a":"é😀"}' },
      { type: 'event', data: '[DONE]' },
    ]);
  });

  it('without data are none, and fields of other names are skipped', () => {
    const text = 'id: 7\nretry: 10\nevent: lost\n\ndata\n\nunknown\ndata: a\ndata:b\n\n:\n';
    expect(decode(bytesOf(text))).toEqual([
      { type: 'event', data: '' },
      { type: 'event', data: 'a\nb' },
      { type: 'comment', text: '' },
    ]);
  });

  it('that are not complete are not told', () => {
    expect(decode(bytesOf('data: {"choices":[]}'))).toEqual([]);
    expect(decode(bytesOf('data: {"choices":[]}\n'))).toEqual([]);
  });

  it('with bytes that are no text do no harm', () => {
    const bytes = Uint8Array.from([...bytesOf('data: '), 0xff, 0xfe, 0xc3, ...bytesOf('\n\n')]);
    expect(decode(bytes)).toEqual([{ type: 'event', data: '\uFFFD\uFFFD\uFFFD' }]);
    fc.assert(fc.property(fc.uint8Array(), (any) => void decode(any)));
  });

  it('have a limit, in one line and in many', () => {
    const push = (text: string): SseItem[] => new SseDecoder(100).push(bytesOf(text));
    expect(push(`data: ${'a'.repeat(94)}\n\n`)).toHaveLength(1);
    expect(() => push('a'.repeat(101))).toThrow(SseTooLongError);
    expect(() => push(`data: ${'a'.repeat(50)}\n`.repeat(3))).toThrow(SseTooLongError);
    const decoder = new SseDecoder(100);
    expect(() => {
      for (;;) decoder.push(bytesOf('a'));
    }).toThrow(SseTooLongError);
  });

  it('in many pieces cost no more than their length', () => {
    const cpuMs = (pieces: number): number => {
      const decoder = new SseDecoder();
      const piece = bytesOf('a'.repeat(1000));
      return cpuMsOf(() => {
        for (let at = 0; at < pieces; at += 1) decoder.push(piece);
      });
    };
    cpuMs(1000);
    expect(cpuMs(8000)).toBeLessThan(40 * Math.max(1, cpuMs(1000)));
  });
});
