import { useEffect, useState } from 'react';

/** Long enough for the next key of someone who types, ms. */
const PAUSE_MS = 200;

/** The value once it has not changed for `pauseMs`, so that work begins when typing pauses. */
export function useDebouncedValue<T>(value: T, pauseMs = PAUSE_MS): T {
  const [debounced, setDebounced] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setDebounced(value), pauseMs);
    return () => clearTimeout(timer);
  }, [value, pauseMs]);
  return debounced;
}
