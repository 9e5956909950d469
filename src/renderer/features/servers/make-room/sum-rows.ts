import type { MeterPart } from '@renderer/components/Meter';
import type { Need } from '@renderer/domain/memory/fit-parts';
import type { FitReport } from '@shared/domain/memory';
import type { Room } from './room';

/** One bar of the sum: what is in use, and what the profile needs beside it. */
export interface SumRow {
  readonly label: string;
  readonly parts: readonly MeterPart[];
  /** Bytes. */
  readonly total: number;
  readonly isOver: boolean;
}

/** The sum as it is, without the servers that are ticked, and with less memory; all to be held against one limit. */
export function sumRows(report: FitReport, room: Room, less: Less | undefined): SumRow[] {
  const { limit } = report.fit;
  const ticked = new Set(room.ticked.map(({ profileId }) => profileId));
  const row = (label: string, need: Need, without: ReadonlySet<string> = new Set()): SumRow => {
    const parts = [...inUseParts(report, without), ...shortNeedParts(need)];
    const total = parts.reduce((sum, { value }) => sum + value, 0);
    return { label, parts, total, isOver: total > limit };
  };
  const [first] = room.ticked;
  const name = room.ticked.length === 1 ? first?.name : `${room.ticked.length} servers`;
  return [
    row('Now', report.fit),
    ...(first ? [row(`Without ${name}`, report.fit, ticked)] : []),
    ...(less ? [row(less.label, less.need)] : []),
  ];
}

/** The same profile with less memory. */
export interface Less {
  readonly label: string;
  readonly need: Need;
}

/** In use by other programs or, under the person's own limit, by servers that are ending: nothing to stop. */
function otherBytes({ fit, stoppable }: FitReport): number {
  const servers = stoppable.reduce((sum, one) => sum + one.freesBytes, 0);
  return Math.max(0, fit.inUse - servers);
}

function inUseParts(report: FitReport, without: ReadonlySet<string>): MeterPart[] {
  const running = report.stoppable.filter(({ profileId }) => !without.has(profileId));
  return [
    { label: 'others', value: otherBytes(report), colour: 'bg-others' },
    // By id: a profile may have any name.
    ...running.map(({ profileId, freesBytes }) => ({
      ...{ label: profileId, value: freesBytes, colour: 'bg-measured' },
    })),
  ].filter(({ value }) => value > 0);
}

/** In three parts: beside everything else in use the small ones are drawn as one. */
function shortNeedParts({ parts, learnedPeak }: Need): MeterPart[] {
  if (learnedPeak !== undefined) {
    return [{ label: 'Measured on earlier runs', value: learnedPeak, colour: 'bg-memory-1' }];
  }
  return [
    { label: 'Weights', value: parts.weights, colour: 'bg-memory-1' },
    { label: 'KV cache', value: parts.kvCache, colour: 'bg-memory-2' },
    { label: 'Other', value: parts.promptCache + parts.overhead, colour: 'bg-memory-3' },
  ].filter(({ value }) => value > 0);
}

/** Names and amounts of the first bar's parts, all servers together. */
export function sumLegend(report: FitReport): MeterPart[] {
  const { fit, stoppable } = report;
  const servers = stoppable.reduce((sum, one) => sum + one.freesBytes, 0);
  const others = fit.limitSource === 'setting' ? 'Ending servers' : 'Other programs';
  return [
    { label: others, value: otherBytes(report), colour: 'bg-others' },
    { label: 'Running servers', value: servers, colour: 'bg-measured' },
    ...shortNeedParts(fit),
  ].filter(({ value }) => value > 0);
}
