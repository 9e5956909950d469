import { useEffect, useRef } from 'react';

import { focusViewSearch } from '@renderer/components/SearchField';
import { useServerActions } from '@renderer/domain/servers/server-actions';
import { useRun } from '@renderer/features/palette/use-run';
import { useLiveStore } from '@renderer/live/use-live';
import { navigate, routeHref } from '@renderer/routing/route';
import type { Shortcuts } from './use-shortcuts';

/** What the desktop's menus ask of the window: the command palette's actions, and the window's own. */
export function useMenuCommands(actions: Shortcuts): void {
  const run = useRun();
  const servers = useServerActions();
  const live = useLiveStore();
  const perform = (action: string): void => {
    const own: Readonly<Record<string, () => unknown>> = {
      palette: actions.palette,
      restart: actions.restart,
      stop: actions.stop,
      find: focusViewSearch,
    };
    const [verb = '', ...rest] = action.split(':');
    const target = rest.join(':');
    const simple = own[action];
    if (simple) simple();
    else if (verb === 'href') navigate(target);
    else if (verb === 'engine-page') navigate(routeHref('engines', [target]));
    else if (verb === 'fix') {
      navigate(routeHref('servers', [target]));
      const fix = live.getState().data?.servers[target]?.failure?.action;
      if (fix) void servers.perform(target, fix);
    } else void run(action); // what is refused is shown on the server's own page
  };
  const newest = useRef(perform);
  useEffect(() => {
    newest.current = perform;
  });
  useEffect(() => window.mlx?.onCommand((action) => newest.current(action)), []);
}
