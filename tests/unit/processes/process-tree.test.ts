import { expect, test } from 'vitest';

import type { ProcessInfo } from '@core/ports/processes';
import { findTree, planSignals, type TreeClues } from '@core/processes/process-tree';

const info = (pid: number, ppid: number, pgid: number, changes: Partial<ProcessInfo> = {}) => ({
  ...{ pid, ppid, pgid, startTime: String(pid), command: `p${pid}`, state: 'S' },
  ...changes,
});
const ROOT = { pid: 10, pgid: 10, startTime: '10' };
const NO_CLUES: TreeClues = { remembered: [], carriers: [], wasWatched: false };

const pidsOf = (tree: readonly ProcessInfo[]) => tree.map(({ pid }) => pid).sort((a, b) => a - b);
const find = (table: readonly ProcessInfo[], clues: Partial<TreeClues> = {}) =>
  pidsOf(findTree(table, ROOT, { ...NO_CLUES, ...clues }));

test('a tree is the root, its group, and the descendants, without zombies', () => {
  const table = [
    info(10, 1, 10),
    info(11, 10, 10),
    info(12, 11, 12), // its own group, still a descendant
    info(13, 1, 10), // parent ended, same group
    info(14, 10, 10, { state: 'Z' }),
    info(20, 1, 20),
    info(21, 20, 20),
  ];
  expect(find(table)).toEqual([10, 11, 12, 13]);
});

test('what left group and parent is found when it was seen before, or carries the nonce', () => {
  const daemon = info(30, 1, 30);
  const worker = info(31, 30, 30);
  const table = [info(10, 1, 10), daemon, worker];
  expect(find(table)).toEqual([10]);
  expect(find(table, { remembered: [daemon] })).toEqual([10, 30, 31]);
  expect(find(table, { carriers: [daemon] })).toEqual([10, 30, 31]);
  // Forked after the table was read.
  expect(find([info(10, 1, 10)], { carriers: [daemon] })).toEqual([10, 30]);
});

test('a number that another process has now makes nothing ours', () => {
  const stranger = info(10, 1, 10, { startTime: 'later' });
  const table = [stranger, info(11, 10, 10), info(30, 1, 30, { startTime: 'later' })];
  expect(find(table, { remembered: [info(30, 1, 30)], wasWatched: true })).toEqual([]);
});

test('the group of a root that is gone is ours where one of it is known, or where it was watched', () => {
  const table = [info(11, 1, 10), info(12, 1, 10)];
  expect(find(table)).toEqual([]);
  expect(find(table, { wasWatched: true })).toEqual([11, 12]);
  expect(find(table, { remembered: [info(11, 10, 10)] })).toEqual([11, 12]);
  expect(find(table, { carriers: [info(12, 1, 10)] })).toEqual([11, 12]);
});

test('a root that is a zombie still holds its group', () => {
  expect(find([info(10, 1, 10, { state: 'Z' }), info(11, 1, 10)])).toEqual([11]);
});

test('the group gets one signal, each other member one of its own', () => {
  const table = [info(10, 1, 10), info(11, 10, 10), info(12, 11, 12), info(20, 1, 20)];
  const members = table.slice(0, 3);
  expect(planSignals(members, table, 10, 'SIGTERM')).toEqual([
    { target: -10, name: 'SIGTERM' },
    { target: 12, name: 'SIGTERM' },
  ]);
});

test('a group in which somebody else is, or might be, is not signalled as one', () => {
  const members = [info(10, 1, 10), info(11, 10, 10)];
  const foreign = info(19, 1, 10);
  const each = [
    { target: 10, name: 'SIGTERM' },
    { target: 11, name: 'SIGTERM' },
  ];
  expect(planSignals(members, [...members, foreign], 10, 'SIGTERM')).toEqual(each);
  // No table of this group at all.
  expect(planSignals(members, [], 10, 'SIGTERM')).toEqual(each);
});

test.each([0, 1, -1])('no signal to everybody from a group of %i', (pgid) => {
  const members = [info(10, 1, pgid)];
  expect(planSignals(members, members, pgid, 'SIGKILL')).toEqual([{ target: 10, name: 'SIGKILL' }]);
});

test('no signal to this program, to the first process, or to the group that this program is in', () => {
  const self = info(process.pid, 1, 10);
  const members = [info(1, 0, 1), info(0, 0, 0), self, info(11, 10, 10)];
  expect(planSignals(members, members, 10, 'SIGKILL')).toEqual([{ target: 11, name: 'SIGKILL' }]);
});
