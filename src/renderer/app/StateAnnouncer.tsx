import { useEffect, useState } from 'react';

import { useLiveStore } from '@renderer/live/use-live';
import { stateLabel } from '@renderer/text/server-text';

/** Tells a screen reader when a server's state changes. */
export function StateAnnouncer() {
  const store = useLiveStore();
  const [text, setText] = useState('');
  useEffect(
    () =>
      store.subscribe((state, before) => {
        if (!state.data || !before.data || state.data.servers === before.data.servers) return;
        const earlier = before.data.servers;
        const changed = Object.values(state.data.servers).filter(
          (server) => earlier[server.profileId]?.state !== server.state,
        );
        if (changed.length > 0)
          setText(
            changed.map((server) => `${server.name}: ${stateLabel(server.state)}`).join('. '),
          );
      }),
    [store],
  );
  return (
    <div aria-live="polite" className="sr-only">
      {text}
    </div>
  );
}
