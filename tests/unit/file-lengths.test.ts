import { describe, expect, it } from 'vitest';
import type { Source } from './architecture';
import { readSources } from './read-sources';

const LONGEST = 350;

/** Files that are too long to be read at once and do not say why, with their lines. */
function tooLong(sources: readonly Source[]): string[] {
  return sources.flatMap(({ path, text }) => {
    const lines = text.trimEnd().split('\n');
    const isExplained = /^\/(\/|\*\*) Long, since \S+ \S+/.test(lines[0] ?? '');
    return lines.length <= LONGEST || isExplained ? [] : [`${path}: ${lines.length} lines`];
  });
}

describe('the files of src/', () => {
  it(`have at most ${LONGEST} lines, or say in the first why they have more`, async () => {
    expect(tooLong(await readSources())).toEqual([]);
  });

  it('are found to be longer', () => {
    const long = 'const a = 1;\n'.repeat(LONGEST + 1);
    expect(tooLong([{ path: 'a.ts', text: long }])).toEqual(['a.ts: 351 lines']);
    expect(tooLong([{ path: 'a.ts', text: long.slice(13) }])).toEqual([]);
    const explained = `/** Long, since it is one table. */\n${long}`;
    expect(tooLong([{ path: 'a.ts', text: explained }])).toEqual([]);
  });
});
