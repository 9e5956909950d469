import {
  type Candidate,
  chooseToStop,
  contextsToShow,
  longestContext,
  stoppableServers,
} from '@core/memory/make-room';
import { describe, expect, it } from 'vitest';

/** Idle since so many minutes after ten; busy without. */
const server = (profileId: string, freesBytes: number, minute?: number): Candidate => ({
  profileId,
  name: profileId.toUpperCase(),
  state: 'ready',
  freesBytes,
  busy: minute === undefined,
  ...(minute === undefined ? {} : { idleSince: `2026-11-23T10:${minute}:00.000Z` }),
});

const choose = (candidates: Candidate[], short: number) =>
  chooseToStop(stoppableServers(candidates, short), short);

describe('who could be stopped', () => {
  it('longest idle first, who works last, each with whether it alone is enough', () => {
    const list = stoppableServers([server('busy', 9), server('b', 3, 20), server('a', 6, 10)], 4);
    expect(list.map(({ profileId, suffices }) => [profileId, suffices])).toEqual([
      ['a', true],
      ['b', false],
      ['busy', true],
    ]);
  });
});

describe('who is chosen', () => {
  it('one that suffices, the longest idle of them, however small others are', () => {
    expect(choose([server('a', 2, 10), server('b', 6, 20), server('c', 9, 30)], 4)).toEqual(['b']);
  });

  it('the fewest together, with the longest idle among them', () => {
    const four = [server('a', 3, 10), server('b', 2, 20), server('c', 3, 30), server('d', 4, 40)];
    expect(choose(four, 7)).toEqual(['a', 'd']);
    expect(choose(four, 6)).toEqual(['a', 'c']);
    expect(choose(four, 10)).toEqual(['a', 'c', 'd']);
    expect(choose(four, 12)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('is never one that works, not even where nothing else is enough', () => {
    expect(choose([server('busy', 50), server('a', 3, 10)], 4)).toEqual([]);
    expect(choose([server('busy', 50)], 4)).toEqual([]);
  });

  it('is nobody where it fits, and nobody where all together are not enough', () => {
    expect(choose([server('a', 3, 10)], 0)).toEqual([]);
    expect(choose([server('a', 3, 10), server('b', 3, 20)], 7)).toEqual([]);
    expect(choose([], 1)).toEqual([]);
  });

  it('is as few as any other choice, for any sizes', () => {
    for (let seed = 1; seed <= 300; seed++) {
      const sizes = Array.from({ length: 6 }, (_, index) => ((seed * 37 * (index + 3)) % 11) + 1);
      const list = sizes.map((size, index) => server(`s${index}`, size, 10 + index));
      const short = (seed % 40) + 1;
      const chosen = choose(list, short);
      const sets = Array.from({ length: 2 ** sizes.length }, (_, bits) =>
        sizes.filter((_size, index) => (bits >> index) & 1),
      ).filter((set) => set.reduce((sum, size) => sum + size, 0) >= short);
      const fewest = Math.min(...sets.map((set) => set.length));
      if (sets.length === 0) expect(chosen).toEqual([]);
      else {
        expect(chosen).toHaveLength(fewest);
        const freed = list.filter(({ profileId }) => chosen.includes(profileId));
        expect(freed.reduce((sum, one) => sum + one.freesBytes, 0)).toBeGreaterThanOrEqual(short);
      }
    }
  });
});

describe('contexts', () => {
  it('the one that is set, and the next powers of two below it', () => {
    expect(contextsToShow(98_304)).toEqual([98_304, 65_536, 32_768, 16_384]);
    expect(contextsToShow(16_384)).toEqual([16_384, 8192, 4096, 2048]);
    expect(contextsToShow(5000)).toEqual([5000, 4096, 2048]);
    expect(contextsToShow(512)).toEqual([512]);
  });

  it.each([
    [98_304, 72_000, [98_304, 65_536, 32_768, 16_384]],
    [81_920, 11_264, [81_920, 16_384, 8192, 4096]],
    [16_384, 1792, [16_384, 2048]],
    [1024, 40_960, [1024]],
  ])('%d, without those that are far from fitting where %d does', (set, longest, shown) => {
    expect(contextsToShow(set, longest)).toEqual(shown);
  });

  it('the longest that fits, in steps of the cache', () => {
    const upTo = (most: number) => (context: number) => ({
      verdict: context <= most ? ('tight' as const) : ('no' as const),
    });
    expect(longestContext(upTo(72_000), 98_304)).toBe(71_936);
    expect(longestContext(upTo(71_936), 98_304)).toBe(71_936);
    expect(longestContext(upTo(1e9), 40_960)).toBe(40_960);
    expect(longestContext(upTo(1e9), 41_000)).toBe(41_000);
    expect(longestContext(upTo(100), 40_960)).toBeUndefined();
    expect(longestContext(upTo(256), 40_960)).toBe(256);
    expect(longestContext(upTo(10), 0)).toBeUndefined();
  });
});
