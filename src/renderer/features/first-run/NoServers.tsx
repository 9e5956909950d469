import { Plus, Server } from 'lucide-react';

import { Button } from '@renderer/components/Button';
import { EmptyState } from '@renderer/components/EmptyState';
import { PaletteButton } from '@renderer/components/PaletteButton';
import { Pane } from '@renderer/components/Pane';
import { useRpcCommand } from '@renderer/queries/use-rpc';
import { navigate, routeHref } from '@renderer/routing/route';

/** Servers without a profile, for who does not want to be led. */
export function NoServers() {
  const setting = useRpcCommand('settings.set');
  return (
    <Pane
      label="Servers"
      className="flex-1"
      toolbar={{ title: 'Servers', subtitle: 'No profile yet', children: <PaletteButton /> }}
    >
      <EmptyState
        icon={<Server size={32} strokeWidth={1.5} />}
        title="No server yet"
        actions={
          <>
            <Button
              kind="primary"
              icon={<Plus size={14} />}
              onClick={() => navigate(routeHref('servers', ['new']))}
            >
              New profile
            </Button>
            <Button
              writes
              kind="plain"
              onClick={() => setting.mutate({ key: 'setupSkipped', value: false })}
            >
              Show the setup guide
            </Button>
          </>
        }
      >
        A profile combines a model, an engine and a port. Start it and your other apps can connect
        to it.
      </EmptyState>
    </Pane>
  );
}
