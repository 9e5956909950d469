import { Plus, Server } from 'lucide-react';

import { Button } from '@renderer/components/Button';
import { EmptyState } from '@renderer/components/EmptyState';
import { ErrorBlock, errorSentence } from '@renderer/components/ErrorBlock';
import { PaletteButton } from '@renderer/components/PaletteButton';
import { Pane } from '@renderer/components/Pane';
import { isMac } from '@renderer/components/platform';
import { useLive } from '@renderer/live/use-live';
import { useRpcCommand } from '@renderer/queries/use-rpc';
import { navigate, routeHref } from '@renderer/routing/route';
import { ENGINE, EngineStep } from './EngineStep';
import { ModelStep } from './ModelStep';
import { StartStep } from './StartStep';
import { useModelChoice } from './use-model-choice';

/** Servers without a profile: three steps to the first one, or the plain empty state once skipped. */
export function FirstRun() {
  const skipped = useLive((data) => data.settings.setupSkipped);
  return skipped ? <NoServers /> : <SetUp />;
}

function NoServers() {
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
              Set up step by step
            </Button>
          </>
        }
      >
        A profile is a model, an engine and a port; starting it gives every program an address to
        talk to.
      </EmptyState>
    </Pane>
  );
}

function SetUp() {
  const skip = useRpcCommand('settings.set');
  const ready = useLive((data) =>
    data.installations.some((one) => one.engine === ENGINE && one.inUse),
  );
  const choosing = useModelChoice();
  return (
    <Pane
      label="Set up the first server"
      className="flex-1"
      toolbar={{
        title: 'Servers',
        subtitle: 'Set up your first server',
        children: (
          <>
            <Button
              writes
              kind="plain"
              onClick={() => skip.mutate({ key: 'setupSkipped', value: true })}
            >
              Skip set-up
            </Button>
            <PaletteButton />
          </>
        ),
      }}
    >
      <div className="mx-auto max-w-[640px] px-5 pt-4 pb-16">
        <h2 className="text-[26px] leading-8 font-semibold">{`Run a model on this ${isMac() ? 'Mac' : 'machine'}`}</h2>
        <p className="mt-1 mb-8 text-text-2">
          Three steps. You can close the window; they keep going.
        </p>
        {skip.error && <ErrorBlock className="mb-4" sentence={errorSentence(skip.error)} />}
        <ol>
          <EngineStep ready={ready} />
          <ModelStep choosing={choosing} />
          <StartStep engineReady={ready} model={choosing.ready} />
        </ol>
      </div>
    </Pane>
  );
}
