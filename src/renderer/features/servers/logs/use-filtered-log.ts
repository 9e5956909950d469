import { useEffect, useMemo, useSyncExternalStore } from 'react';

import { useClient } from '@renderer/api/api-context';
import { FilteredLog } from './filtered-log';
import { type LogFilter, showsAll } from './log-filter';
import type { LogWindow } from './log-window';

const never = () => () => undefined;

/** The run's lines that pass the filter; undefined while it leaves nothing out. */
export function useFilteredLog(
  profileId: string,
  run: number,
  log: LogWindow,
  filter: LogFilter,
): FilteredLog | undefined {
  const client = useClient();
  const filtered = useMemo(() => {
    if (showsAll(filter)) return undefined;
    return new FilteredLog({
      filter,
      firstLine: log.extent.firstLine,
      held: (n) => log.line(n),
      read: (from, limit) => client.call('logs.read', { profileId, run, from, limit }),
    });
  }, [client, profileId, run, log, filter]);
  useSyncExternalStore(filtered?.subscribe ?? never, filtered?.version ?? (() => 0));

  const { endLine } = log.extent;
  const version = log.version();
  // biome-ignore lint/correctness/useExhaustiveDependencies: a line that was being written may have changed
  useEffect(() => filtered?.reach(endLine), [filtered, endLine, version]);
  useEffect(() => () => filtered?.close(), [filtered]);
  return filtered;
}
