import { stateLabel } from '@renderer/text/server-text';
import type { FitReport, FitVerdict, StoppableServer } from '@shared/domain/memory';
import { shortText } from '@shared/domain/memory-labels';
import type { Server } from '@shared/domain/server';
import { isServing } from '@shared/domain/server-state';
import { formatGib, formatMemory } from '@shared/format/bytes';
import { formatPercent } from '@shared/format/counts';
import { formatWholeMinutes } from '@shared/format/durations';

/** What a refused start has once the ticked servers are stopped; bytes. */
export interface Room {
  readonly ticked: readonly StoppableServer[];
  readonly freesBytes: number;
  /** Free beside the new server; negative where it is not enough. */
  readonly leftOver: number;
  readonly verdict: FitVerdict;
}

/** The memory that stopping these servers frees; a server that ended meanwhile frees none. */
export function roomOf(report: FitReport, tickedIds: readonly string[]): Room {
  const { fit, stoppable } = report;
  const ids = new Set(tickedIds);
  const ticked = stoppable.filter(({ profileId }) => ids.has(profileId));
  const freesBytes = ticked.reduce((sum, one) => sum + one.freesBytes, 0);
  const leftOver = fit.limit - fit.inUse + freesBytes - fit.total;
  const verdict = leftOver < 0 ? 'no' : leftOver < fit.keepFree ? 'tight' : 'fits';
  return { ticked, freesBytes, leftOver, verdict };
}

/** `Stop Qwen3 8B and start`, `Stop 2 servers and start`. */
export function stopLabel(ticked: readonly StoppableServer[]): string {
  const [first, ...others] = ticked;
  const what = first && others.length === 0 ? first.name : `${ticked.length} servers`;
  return `Stop ${what} and start`;
}

/** What stopping the ticked servers brings; `warning` is the part to highlight. */
export function roomText(report: FitReport, room: Room): { text: string; warning: string } {
  const needed = formatGib(report.shortBytes);
  if (room.ticked.length === 0) return { text: `${needed} GiB needed`, warning: '' };
  const text = `Frees ${formatMemory(room.freesBytes)}, ${needed} needed; `;
  if (room.verdict === 'no') return { text, warning: shortText(-room.leftOver) };
  const left = `${formatGib(room.leftOver)} left over`;
  return room.verdict === 'tight'
    ? { text, warning: `tight, ${left}` }
    : { text: `${text}${left}`, warning: '' };
}

/** Why a server is a good or a bad choice. `server` as it is now, for how far its load is. */
export function stopReason(one: StoppableServer, server: Server | undefined, now: number): string {
  if (!one.busy) {
    const idle = one.idleSince === undefined ? undefined : (now - Date.parse(one.idleSince)) / 1000;
    const label = idle === undefined ? 'Idle' : `Idle ${formatWholeMinutes(idle)}`;
    return one.suffices ? label : `${label}; not enough on its own`;
  }
  const fraction = one.state === 'loading' ? server?.progress?.fraction : undefined;
  const doing = isServing(one.state) ? 'Answering' : stateLabel(one.state);
  const far = fraction === undefined ? '' : `, ${formatPercent(fraction)}`;
  return `${doing}${far}; not selected automatically`;
}
