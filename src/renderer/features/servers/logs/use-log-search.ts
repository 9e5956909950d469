import { useMemo, useState } from 'react';

import { useDebouncedValue } from '@renderer/components/use-debounced-value';
import { useRpcQuery } from '@renderer/queries/use-rpc';
import { formatNumber } from '@shared/format/counts';
import type { FilteredLog } from './filtered-log';
import { matching } from './log-filter';

export interface LogSearch {
  readonly text: string;
  readonly setText: (text: string) => void;
  /** What is searched, once typing has paused. */
  readonly query: string;
  /** Line number of the match the person stands at. */
  readonly line: number | undefined;
  /** `41 of 41`, `No match`, or nothing without a search. */
  readonly position: string;
  readonly step: (by: 1 | -1) => void;
}

/**
 * Searches a run and steps through the matches, newest first: the whole run at the manager, or the lines
 * that pass a filter here, where they are.
 */
export function useLogSearch(
  profileId: string,
  run: number,
  filtered: FilteredLog | undefined,
  checks: boolean,
): LogSearch {
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState<number>();
  const query = useDebouncedValue(text.trim());
  const found = useRpcQuery(
    'logs.search',
    { profileId, run, query, probes: checks },
    { enabled: query !== '' && !filtered },
  );
  const version = filtered?.version();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the version tells that its lines changed
  const passed = useMemo(
    () => (query === '' ? undefined : filtered && matching(filtered.lines, query)),
    [filtered, version, query],
  );
  const lines = query === '' ? [] : (passed ?? found.data?.lines ?? []);
  const at = chosen === undefined ? lines.length - 1 : lines.indexOf(chosen);
  const index = at < 0 ? lines.length - 1 : at;

  const step = (by: 1 | -1): void => {
    // At the end the log may have grown: the manager is asked again.
    if (by === 1 && index === lines.length - 1 && !filtered) void found.refetch();
    setChosen(lines[(index + by + lines.length) % lines.length]);
  };
  const total = `${formatNumber(lines.length)}${!filtered && found.data?.truncated ? '+' : ''}`;
  const position = lines.length === 0 ? 'No match' : `${formatNumber(index + 1)} of ${total}`;
  return {
    text,
    setText: (next) => {
      setChosen(undefined);
      setText(next);
    },
    query,
    line: lines[index],
    position: query === '' || !(passed ?? found.data) ? '' : position,
    step,
  };
}
