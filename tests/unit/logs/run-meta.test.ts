import { addEntry, emptyMeta, entriesOf, forgetBefore, type MetaEntry } from '@core/logs/run-meta';
import fc from 'fast-check';
import { expect, it } from 'vitest';

const START = '2026-11-23T10:00:00.000Z';

const build = (entries: readonly MetaEntry[]) => {
  const meta = emptyMeta(START);
  for (const entry of entries) addEntry(meta, entry);
  return meta;
};

/** What a run may write down, in an order in which it may. */
const someEntries = fc
  .array(fc.tuple(fc.constantFrom('mark', 'back', 'note', 'segment', 'lost'), fc.nat(9)), {
    maxLength: 60,
  })
  .map((steps) => {
    const entries: MetaEntry[] = [];
    let [at, n, segment] = [0, 0, 0];
    for (const [kind, step] of steps) {
      at += 10 + step;
      n += 1;
      if (kind === 'mark') entries.push({ t: 'mark', at, n, time: at });
      if (kind === 'back') entries.push({ t: 'back', n: Math.max(0, n - step) });
      if (kind === 'note') entries.push({ t: 'note', n, time: at, text: `note ${n}` });
      if (kind === 'segment') {
        segment += 1;
        entries.push({ t: 'segment', segment, to: at, n });
      }
      if (kind === 'lost') entries.push({ t: 'segment', to: at, n });
    }
    return entries;
  });

it('is told by fewer entries as by all from which it came', () => {
  fc.assert(
    fc.property(someEntries, (entries) => {
      const meta = build(entries);
      expect(build(entriesOf(meta))).toEqual(meta);
    }),
  );
});

it('forgets what is before a byte and nothing after it', () => {
  fc.assert(
    fc.property(someEntries, fc.nat(9), (entries, which) => {
      const before = build(entries);
      const after = build(entries);
      const edge = before.segments[which];
      const next = before.segments[which + 1];
      // What is kept begins with a file.
      if (edge === undefined || (next && next.segment === undefined)) return;
      if (!forgetBefore(after, edge.to)) return;
      expect(after.segments.slice(1)).toEqual(before.segments.slice(which + 1));
      expect(after.segments[0]).toMatchObject({ segment: undefined, to: edge.to, n: edge.n });
      expect(after.starts).toEqual(before.starts.filter(({ at }) => at >= edge.to));
      expect(after.marks.at(-1)).toEqual(before.marks.at(-1));
      expect(after.notes).toEqual(before.notes.filter(({ n }) => n >= edge.n));
      expect(forgetBefore(after, edge.to)).toBe(false);
      expect(build(entriesOf(after))).toEqual(after);
    }),
  );
});
