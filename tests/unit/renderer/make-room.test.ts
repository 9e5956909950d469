import { againstEstimate, measuredParts } from '@renderer/features/servers/detail/measured';
import { roomOf, roomText, stopLabel, stopReason } from '@renderer/features/servers/make-room/room';
import { sumLegend, sumRows } from '@renderer/features/servers/make-room/sum-rows';
import { lessOf, waysToStart } from '@renderer/features/servers/make-room/ways';
import type { ContextFit, FitEstimate, FitReport, StoppableServer } from '@shared/domain/memory';
import { describe, expect, it } from 'vitest';

import { aServer } from '@fixtures/live-data';
import { shorterContext } from '@renderer/domain/memory/shorter-context';

const GIB = 1024 ** 3;
const parts = (weights: number, kvCache: number, rest: number) => ({
  weights: weights * GIB,
  kvCache: kvCache * GIB,
  promptCache: (rest / 2) * GIB,
  overhead: (rest / 2) * GIB,
});

function aServerToStop(name: string, frees: number, change: Partial<StoppableServer> = {}) {
  return {
    ...{ profileId: name.toLowerCase(), name, state: 'ready' as const, busy: false },
    ...{ freesBytes: frees * GIB, suffices: frees >= 4, idleSince: '2026-11-23T10:00:00.000Z' },
    ...change,
  };
}

const at = (context: number, kv: number, verdict: ContextFit['verdict']): ContextFit => ({
  ...{ context, parts: parts(12.4, kv, 2), total: (14.4 + kv) * GIB, verdict },
  leftOver: (25.4 - 14.4 - kv) * GIB,
});

/** 29.4 GiB are needed, 25.4 GiB are free: two servers could be stopped for it. */
const FIT: FitEstimate = {
  verdict: 'no',
  parts: parts(12.4, 15, 2),
  total: 29.4 * GIB,
  limit: 48 * GIB,
  limitSource: 'gpu',
  inUse: 22.6 * GIB,
  keepFree: 3.8 * GIB,
  context: 98_304,
  concurrency: 1,
  unknown: [],
};
const REPORT: FitReport = {
  fit: FIT,
  shortBytes: 4 * GIB,
  stoppable: [
    aServerToStop('Llama', 2.4),
    aServerToStop('Qwen', 6.1),
    aServerToStop('Gemma', 4.7, { state: 'loading', busy: true }),
  ],
  toStop: ['qwen'],
  contexts: [at(98_304, 15, 'no'), at(65_536, 9.9, 'tight'), at(32_768, 4.8, 'fits')],
  longestContext: 72_000,
};
const without = (change: Partial<FitReport>): FitReport => ({ ...REPORT, ...change });

describe('the room that is made', () => {
  it('is counted from the ticks', () => {
    const room = roomOf(REPORT, ['qwen']);
    expect(room.leftOver / GIB).toBeCloseTo(2.1);
    expect(room.verdict).toBe('tight');
    expect(roomText(REPORT, room)).toEqual({
      text: 'Frees 6.1 GiB, 4.0 needed; ',
      warning: 'tight, 2.1 left over',
    });
  });

  it.each([
    ['none', [], '4.0 GiB needed', ''],
    ['too few', ['llama'], 'Frees 2.4 GiB, 4.0 needed; ', '1.6 GiB short'],
    ['plenty', ['qwen', 'llama'], 'Frees 8.5 GiB, 4.0 needed; 4.5 left over', ''],
    ['one that is gone', ['phi'], '4.0 GiB needed', ''],
  ])('in words: %s', (_, ids, text, warning) => {
    expect(roomText(REPORT, roomOf(REPORT, ids))).toEqual({ text, warning });
  });

  it('is never nothing when it is short', () => {
    const report = without({ fit: { ...FIT, inUse: FIT.inUse + 2.1 * GIB + 1 } });
    expect(roomText(report, roomOf(report, ['qwen'])).warning).toBe('0.1 GiB short');
  });
});

describe('the ways to start what does not fit', () => {
  it('follow the ticks', () => {
    const labels = (ids: string[]) =>
      waysToStart(REPORT, roomOf(REPORT, ids)).map(({ label }) => label);
    expect(labels(['qwen'])).toEqual([
      'Stop Qwen and start',
      'Lower context to 32,768 and start',
      'Start anyway',
    ]);
    expect(labels(['qwen', 'llama'])[0]).toBe('Stop 2 servers and start');
    expect(labels([])[0]).toBe('Lower context to 32,768 and start');
  });

  it('say why ticks are not enough', () => {
    const [stop] = waysToStart(REPORT, roomOf(REPORT, ['llama']));
    expect(stop).toMatchObject({ work: 'stop', reason: 'Still 1.6 GiB short' });
  });

  it('take less memory where the engine has no limit of the context', () => {
    const safeMode = at(98_304, 8, 'tight');
    const report = without({ contexts: REPORT.contexts.slice(0, 1), safeMode });
    const ways = waysToStart(report, roomOf(report, []));
    expect(ways.map(({ work }) => work)).toEqual(['less', 'anyway']);
    expect(lessOf(report)?.label).toBe('With less memory');
    const hopeless = without({ contexts: [], safeMode: at(98_304, 14, 'no'), stoppable: [] });
    expect(waysToStart(hopeless, roomOf(hopeless, [])).map(({ work }) => work)).toEqual(['anyway']);
  });

  it('name one server, or how many', () => {
    expect(stopLabel(REPORT.stoppable.slice(1, 2))).toBe('Stop Qwen and start');
    expect(stopLabel(REPORT.stoppable)).toBe('Stop 3 servers and start');
  });
});

describe('a shorter context', () => {
  it.each([
    ['roomy before tight', REPORT, 32_768],
    ['tight where nothing is roomy', without({ contexts: REPORT.contexts.slice(0, 2) }), 65_536],
    ['none where none fits', without({ contexts: REPORT.contexts.slice(0, 1) }), undefined],
  ])('is proposed: %s', (_, report, context) => {
    expect(shorterContext(report)?.context).toBe(context);
  });

  it('that is tight as well is no help to one that is tight', () => {
    const report = without({
      fit: { ...FIT, verdict: 'tight' },
      contexts: REPORT.contexts.slice(0, 2),
    });
    expect(shorterContext(report)).toBeUndefined();
  });
});

describe('the sum', () => {
  const rows = sumRows(REPORT, roomOf(REPORT, ['qwen']), lessOf(REPORT));

  it('is one bar for each way, on one scale', () => {
    expect(
      rows.map(({ label, total, isOver }) => [label, (total / GIB).toFixed(1), isOver]),
    ).toEqual([
      ['Now', '52.0', true],
      ['Without Qwen', '45.9', false],
      ['With 32,768 tokens', '41.8', false],
    ]);
  });

  it('names its parts, servers together', () => {
    const legend = sumLegend(REPORT).map(({ label, value }) => [label, (value / GIB).toFixed(1)]);
    expect(legend).toEqual([
      ['Other programs', '9.4'],
      ['Running servers', '13.2'],
      ['Weights', '12.4'],
      ['KV cache', '15.0'],
      ['Other', '2.0'],
    ]);
  });

  it('has one figure for what was measured on earlier runs', () => {
    const report = without({ fit: { ...FIT, learnedPeak: FIT.total } });
    expect(sumLegend(report).at(-1)).toMatchObject({ label: 'Measured on earlier runs' });
  });
});

describe('why a server is a good choice', () => {
  const now = Date.parse('2026-11-23T10:12:40.000Z');
  it.each([
    [aServerToStop('Qwen', 6.1), 'Idle 12 min'],
    [aServerToStop('Llama', 2.4), 'Idle 12 min; not enough on its own'],
    [aServerToStop('Busy', 6.1, { busy: true }), 'Answering; not selected automatically'],
    [
      aServerToStop('Gemma', 4.7, { busy: true, state: 'loading' }),
      'Loading, 63 %; not selected automatically',
    ],
  ])('%#', (one, words) => {
    const progress = { phase: 'Loading', seconds: 14, fraction: 0.63 };
    expect(stopReason(one, aServer(one.name, { progress }), now)).toBe(words);
  });
});

describe('the measurement beside the estimate', () => {
  it.each([
    [6.1, undefined, '1.3 GiB under the estimate'],
    [8, undefined, '0.6 GiB above the estimate'],
    [7.41, undefined, 'As estimated'],
    [6.1, 7.4, '1.3 GiB under the peak of earlier runs'],
  ])('%d GiB', (gib, learned, words) => {
    const fit = {
      total: 7.4 * GIB,
      ...(learned === undefined ? {} : { learnedPeak: learned * GIB }),
    };
    expect(againstEstimate(gib * GIB, fit)).toBe(words);
  });

  it('marks what is above it', () => {
    expect(measuredParts(8, 7).map(({ value }) => value)).toEqual([7, 1]);
    expect(measuredParts(6, undefined).map(({ value }) => value)).toEqual([6, 0]);
  });
});
