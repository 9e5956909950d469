import { useEffect, useState } from 'react';

import { useClient } from '@renderer/api/api-context';
import type { ChartGap } from '@renderer/components/TimeChart';
import { useLiveState } from '@renderer/live/use-live';
import { useRpcQuery } from '@renderer/queries/use-rpc';
import type { MetricsHistory } from '@shared/domain/metrics';

const KEPT_SECONDS = 3600;

function appended(
  history: MetricsHistory,
  time: number,
  memory: number | null,
  cpu: number | null,
) {
  if (time <= (history.times.at(-1) ?? 0)) return history;
  const from = history.times.findIndex((point) => point > time - KEPT_SECONDS);
  const cut = Math.max(0, from);
  return {
    ...history,
    times: [...history.times.slice(cut), time],
    memoryBytes: [...history.memoryBytes.slice(cut), memory],
    cpuPercent: [...history.cpuPercent.slice(cut), cpu],
    peakMemoryBytes: Math.max(history.peakMemoryBytes ?? 0, memory ?? 0),
  };
}

export interface History {
  readonly data: MetricsHistory | undefined;
  readonly error: Error | null;
}

/** The last hour of a server: asked once, then each measurement as it is made. */
export function useHistory(profileId: string): History {
  const client = useClient();
  const epoch = useLiveState((state) => state.epoch);
  const asked = useRpcQuery('metrics.history', { profileId });
  const { refetch } = asked;
  const [data, setData] = useState(asked.data);
  // biome-ignore lint/correctness/useExhaustiveDependencies: after a new connection it has a hole
  useEffect(() => void refetch(), [refetch, epoch, profileId]);
  useEffect(() => setData(asked.data), [asked.data]);
  useEffect(
    () =>
      client.on('metrics.tick', (tick) => {
        const sample = tick.servers.find((one) => one.profileId === profileId);
        const time = new Date(tick.time).getTime() / 1000;
        setData(
          (history) =>
            history &&
            appended(history, time, sample?.memoryBytes ?? null, sample?.cpuPercent ?? null),
        );
      }),
    [client, profileId],
  );
  return { data, error: asked.error };
}

/** Where nothing was measured between two seconds, and why. */
export function gapsOf(
  times: readonly number[],
  values: readonly (number | null)[],
  from: number,
  to: number,
  stepSeconds: number,
): ChartGap[] {
  const gaps: ChartGap[] = [];
  const hole = Math.max(10, stepSeconds * 4);
  const first = times[0] ?? to;
  if (first - from > hole) gaps.push({ from, to: first, reason: 'Before the first measurement' });
  let empty: number | undefined;
  times.forEach((time, index) => {
    const before = times[index - 1];
    if (before !== undefined && time - before > hole)
      gaps.push({ from: before, to: time, reason: 'Asleep or not running' });
    const missing = values[index] === null;
    if (missing) empty ??= before ?? time;
    else if (empty !== undefined) {
      gaps.push({ from: empty, to: time, reason: 'No process' });
      empty = undefined;
    }
  });
  if (empty !== undefined) gaps.push({ from: empty, to, reason: 'No process' });
  return gaps;
}
