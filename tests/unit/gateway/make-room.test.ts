import { planRoom, type Resident } from '@core/gateway/demand/make-room';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const GB = 1_000_000_000;

const resident = (profileId: string, changes: Partial<Resident> = {}): Resident => ({
  profileId,
  wanted: 0,
  isPinned: false,
  isServing: true,
  isEnding: false,
  lastUsedAt: 0,
  readyAt: 0,
  loadMs: 0,
  ...changes,
});
const report = (shortBytes: number, frees: Readonly<Record<string, number>>) => ({
  shortBytes,
  stoppable: Object.entries(frees).map(([profileId, freesBytes]) => ({
    ...{ profileId, freesBytes, name: profileId, state: 'ready' as const },
    ...{ busy: false, suffices: freesBytes >= shortBytes },
  })),
});

describe('room for a model that does not fit', () => {
  it('is made by unloading the one that was used longest ago', () => {
    const residents = [resident('a', { lastUsedAt: 9 }), resident('b', { lastUsedAt: 3 })];
    const plan = planRoom(report(GB, { a: 2 * GB, b: 2 * GB }), residents, 100);
    expect(plan).toEqual({ kind: 'unload', profileIds: ['b'] });
  });

  it('unloads several where one is not enough, and none that the others make needless', () => {
    const residents = [
      resident('a', { lastUsedAt: 1 }),
      resident('b', { lastUsedAt: 2 }),
      resident('c', { lastUsedAt: 3 }),
    ];
    const plan = planRoom(report(5 * GB, { a: GB, b: 2 * GB, c: 5 * GB }), residents, 100);
    expect(plan).toEqual({ kind: 'unload', profileIds: ['c'] });
  });

  it('comes from one that answers once its turn is over and its answers have ended', () => {
    const plan = planRoom(report(GB, { a: 2 * GB }), [resident('a', { wanted: 1 })], 100);
    expect(plan).toEqual({ kind: 'drain', profileIds: ['a'] });
    const inTurn = [resident('a', { wanted: 1, readyAt: 50, loadMs: 100 })];
    expect(planRoom(report(GB, { a: 2 * GB }), inTurn, 100)).toEqual({ kind: 'wait', until: 150 });
  });

  it('leaves each model a turn of the time that loading it took', () => {
    const residents = [resident('a', { readyAt: 1000, loadMs: 20_000, lastUsedAt: 2000 })];
    const short = report(GB, { a: 2 * GB });
    expect(planRoom(short, residents, 5000)).toEqual({ kind: 'wait', until: 21_000 });
    expect(planRoom(short, residents, 21_000)).toMatchObject({ kind: 'unload' });
  });

  it('waits for what is being stopped, which nothing else can make faster', () => {
    const ending = resident('a', { isServing: false, isEnding: true });
    expect(planRoom(report(GB, {}), [ending], 100)).toEqual({ kind: 'wait' });
  });

  it('never comes from what is pinned, nor where everything together is not enough', () => {
    const pinned = [resident('a', { isPinned: true })];
    expect(planRoom(report(GB, { a: 2 * GB }), pinned, 100)).toEqual({ kind: 'never' });
    const small = [resident('a')];
    expect(planRoom(report(3 * GB, { a: 2 * GB }), small, 100)).toEqual({ kind: 'never' });
  });

  it('whatever is there: what is unloaded is free, frees enough, and none of it is needless', () => {
    const one = fc.record({
      wanted: fc.nat(2),
      isPinned: fc.boolean(),
      isServing: fc.boolean(),
      isEnding: fc.boolean(),
      lastUsedAt: fc.nat(1000),
      readyAt: fc.nat(1000),
      loadMs: fc.nat(1000),
      frees: fc.nat(10),
    });
    fc.assert(
      fc.property(
        fc.array(one, { maxLength: 8 }),
        fc.integer({ min: 1, max: 30 }),
        fc.nat(2000),
        (all, short, now) => {
          const residents = all.map(({ frees: _, ...rest }, index) => ({
            profileId: `${index}`,
            ...rest,
          }));
          const frees = Object.fromEntries(
            all.map(({ frees: bytes }, index) => [`${index}`, bytes]),
          );
          const plan = planRoom(report(short, frees), residents, now);
          if (plan.kind === 'wait' && plan.until !== undefined)
            expect(plan.until).toBeGreaterThan(now);
          if (plan.kind !== 'unload') return;
          const chosen = plan.profileIds.map((id) => residents[Number(id)]);
          for (const chose of chosen) {
            expect(chose).toMatchObject({ wanted: 0, isPinned: false, isServing: true });
            expect((chose?.readyAt ?? 0) + (chose?.loadMs ?? 0)).toBeLessThanOrEqual(now);
          }
          const sum = plan.profileIds.reduce((bytes, id) => bytes + (frees[id] ?? 0), 0);
          expect(sum).toBeGreaterThanOrEqual(short);
          for (const id of plan.profileIds) expect(sum - (frees[id] ?? 0)).toBeLessThan(short);
        },
      ),
    );
  });
});
