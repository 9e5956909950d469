import { useEffect, useState } from 'react';
import { useAsk } from '../../queries/use-ask';

const PAUSE_MS = 200;

/** The value after it has not changed for a moment. */
export function useSettled<T>(value: T, pauseMs = PAUSE_MS): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), pauseMs);
    return () => clearTimeout(timer);
  }, [value, pauseMs]);
  return settled;
}

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

/** Searches a whole run at the manager and steps through the matches, newest first. */
export function useLogSearch(profileId: string, run: number): LogSearch {
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState<number>();
  const query = useSettled(text.trim());
  const found = useAsk('logs.search', { profileId, run, query }, { enabled: query !== '' });
  const lines = query === '' ? [] : (found.data?.lines ?? []);
  const at = chosen === undefined ? lines.length - 1 : lines.indexOf(chosen);
  const index = at < 0 ? lines.length - 1 : at;

  const step = (by: 1 | -1): void => {
    // At the end the log may have grown: the manager is asked again.
    if (by === 1 && index === lines.length - 1) void found.refetch();
    setChosen(lines[(index + by + lines.length) % lines.length]);
  };
  const total = `${lines.length.toLocaleString('en-US')}${found.data?.truncated ? '+' : ''}`;
  const position = lines.length === 0 ? 'No match' : `${index + 1} of ${total}`;
  return {
    text,
    setText: (next) => {
      setChosen(undefined);
      setText(next);
    },
    query,
    line: lines[index],
    position: query === '' || !found.data ? '' : position,
    step,
  };
}
