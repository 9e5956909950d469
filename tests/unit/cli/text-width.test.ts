import { Output } from '@cli/terminal/output';
import { textWidth } from '@cli/terminal/text-width';
import { describe, expect, it } from 'vitest';

describe('the width of a text on a terminal', () => {
  it.each([
    ['', 0],
    ['Qwen3 8B', 8],
    ['Größe', 5],
    ['e\u0301', 1],
    ['通义千问', 8],
    ['モデル', 6],
    ['ﾓﾃﾞﾙ', 3],
    ['한국어', 6],
    ['Ａ', 2],
    ['🦙 llama', 8],
    ['👩‍👩‍👧', 2],
    ['a\u200bb', 2],
  ])('%s: %i', (text, width) => expect(textWidth(text)).toBe(width));
});

describe('a table', () => {
  it('is aligned whatever its cells are written in', () => {
    const streams = { stdout: { isTTY: false }, stderr: {} } as never;
    const output = new Output(streams, { json: false, noColour: true });
    const rows = [
      ['通义千问', '1 GB'],
      ['Qwen', '12 GB'],
    ];
    expect(output.table(['MODEL', 'SIZE'], rows, [1])).toEqual([
      'MODEL      SIZE',
      '通义千问   1 GB',
      'Qwen      12 GB',
    ]);
  });
});
