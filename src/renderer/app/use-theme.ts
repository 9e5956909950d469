import { useEffect } from 'react';

import { useLive } from '@renderer/live/use-live';

/** Puts the chosen appearance on the page; `system` leaves it to the system. */
export function useTheme(): void {
  const appearance = useLive((data) => data.settings.appearance);
  useEffect(() => {
    if (appearance === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = appearance;
  }, [appearance]);
}
