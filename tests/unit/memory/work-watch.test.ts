import { WorkWatch } from '@core/memory/work-watch';
import { expect, it } from 'vitest';

const at = (...percents: (number | undefined)[]) => {
  const watch = new WorkWatch();
  for (const [index, cpuPercent] of percents.entries()) {
    const sample = {
      profileId: 'a',
      processes: 1,
      ...(cpuPercent === undefined ? {} : { cpuPercent }),
    };
    watch.note([sample], 1000 * (index + 1));
  }
  return watch;
};

it('one look that shows work may be a question of ours, two in a row are work', () => {
  expect(at(80).isBusy('a')).toBe(true);
  expect(at(80).works('a')).toBe(false);
  expect(at(80, 80).works('a')).toBe(true);
  expect(at(80, 1, 80).works('a')).toBe(false);
  expect(at(80, 80, undefined).works('a')).toBe(false);
});

it('it is idle since its last work', () => {
  expect(at(1, 80, 2, 3).lastWorkedAt('a')).toBe(2000);
  expect(at(1, 80, 2, 3).isBusy('a')).toBe(false);
  expect(at(1, 2).lastWorkedAt('a')).toBeUndefined();
});

it('what is measured out of turn, for a start, says nothing of the CPU', () => {
  const watch = at(80);
  watch.note([{ profileId: 'a', processes: 1, cpuPercent: 0 }], 1100);
  expect(watch.isBusy('a')).toBe(true);
  watch.note([{ profileId: 'a', processes: 1, cpuPercent: 80 }], 1200);
  expect(watch.works('a')).toBe(false);
});

it('a server that is gone is forgotten', () => {
  const watch = at(80, 80);
  watch.note([], 9000);
  expect(watch.lastWorkedAt('a')).toBeUndefined();
  expect(watch.works('a')).toBe(false);
});
