import { shorterContext } from '@renderer/domain/memory/shorter-context';
import type { ContextFit, FitReport } from '@shared/domain/memory';
import { shortText } from '@shared/domain/memory-labels';
import { formatNumber } from '@shared/format/counts';
import { type Room, stopLabel } from './room';
import type { Less } from './sum-rows';

/** How a profile that does not fit can be started: others stopped, less memory for it, or nevertheless. */
export type Work = 'stop' | 'context' | 'less' | 'anyway';

export interface Way {
  readonly work: Work;
  readonly label: string;
  /** Why it would not help as things stand. */
  readonly reason?: string;
}

/** The best first. */
export function waysToStart(report: FitReport, room: Room): Way[] {
  const ways: Way[] = [];
  if (room.ticked.length > 0) {
    ways.push({
      work: 'stop',
      label: stopLabel(room.ticked),
      ...(room.verdict === 'no' ? { reason: `Still ${shortText(-room.leftOver)}` } : {}),
    });
  }
  const shorter = shorterContext(report);
  if (shorter) {
    const label = `Lower context to ${formatNumber(shorter.context)} and start`;
    ways.push({ work: 'context', label });
  } else if (helps(report.safeMode)) {
    ways.push({ work: 'less', label: 'Start with less memory' });
  }
  return [...ways, { work: 'anyway', label: 'Start anyway' }];
}

/** The bar of the same profile with less memory, where that would fit. */
export function lessOf(report: FitReport): Less | undefined {
  const shorter = shorterContext(report);
  if (shorter) return { label: `With ${formatNumber(shorter.context)} tokens`, need: shorter };
  const { safeMode } = report;
  return helps(safeMode) ? { label: 'With less memory', need: safeMode } : undefined;
}

function helps(safeMode: ContextFit | undefined): safeMode is ContextFit {
  return safeMode !== undefined && safeMode.verdict !== 'no';
}
