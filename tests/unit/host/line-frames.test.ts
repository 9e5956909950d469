import { expect, it } from 'vitest';

import { FrameTooLarge, LineFrames } from '@host/line-frames';

it('cuts at newlines wherever the bytes are split, inside a letter too', () => {
  const bytes = Buffer.from('{"a":"ü"}\n\n{"b":2}\n{"c"');
  for (let size = 1; size <= bytes.length; size++) {
    const frames = new LineFrames(100);
    const lines: string[] = [];
    for (let at = 0; at < bytes.length; at += size) {
      lines.push(...frames.push(bytes.subarray(at, at + size)));
    }
    expect(lines).toEqual(['{"a":"ü"}', '{"b":2}']);
  }
});

it('holds no more than the limit, and takes a line of exactly that size', () => {
  expect(new LineFrames(4).push(Buffer.from('abcd\n'))).toEqual(['abcd']);
  expect(() => new LineFrames(4).push(Buffer.from('abcde'))).toThrow(FrameTooLarge);
  const frames = new LineFrames(4);
  frames.push(Buffer.from('abc'));
  expect(() => frames.push(Buffer.from('de\n'))).toThrow(FrameTooLarge);
});
