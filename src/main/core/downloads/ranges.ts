/** Bytes [start, end) of a file. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** Sorted, without overlaps and without neighbours that touch. */
export type Ranges = readonly Range[];

/** The ranges with one more in them. */
export function withRange(ranges: Ranges, added: Range): Ranges {
  if (added.end <= added.start) return ranges;
  const before = ranges.filter((range) => range.end < added.start);
  const after = ranges.filter((range) => range.start > added.end);
  const touching = ranges.slice(before.length, ranges.length - after.length);
  const merged = {
    start: Math.min(added.start, touching[0]?.start ?? added.start),
    end: Math.max(added.end, touching.at(-1)?.end ?? added.end),
  };
  return [...before, merged, ...after];
}

/** Bytes in the ranges. */
export function sizeOf(ranges: Ranges): number {
  return ranges.reduce((sum, { start, end }) => sum + end - start, 0);
}

/** The end of what is there without a gap from the first byte on. */
export function frontier(ranges: Ranges): number {
  const [first] = ranges;
  return first?.start === 0 ? first.end : 0;
}

/** The first bytes of a file that none of the ranges has, at most `limit` of them. */
export function firstGap(ranges: Ranges, size: number, limit: number): Range | undefined {
  const start = frontier(ranges);
  if (start >= size) return undefined;
  const next = ranges.find((range) => range.start > start);
  return { start, end: Math.min(next?.start ?? size, start + limit, size) };
}
