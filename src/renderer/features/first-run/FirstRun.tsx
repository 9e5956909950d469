import { Button } from '@renderer/components/Button';
import { ErrorBlock, errorSentence } from '@renderer/components/ErrorBlock';
import { PaletteButton } from '@renderer/components/PaletteButton';
import { Pane } from '@renderer/components/Pane';
import { useLive } from '@renderer/live/use-live';
import { useRpcCommand } from '@renderer/queries/use-rpc';
import { useRoute } from '@renderer/routing/route';
import type { Setup } from '@shared/domain/setup';
import { NoServers } from './NoServers';
import { Proposal } from './Proposal';
import { SetupDone } from './SetupDone';
import { SetupProgress } from './SetupProgress';
import { StepByStep } from './StepByStep';

/** The way to the first server: proposed, under way, done, or the plain empty state once it was skipped. */
export function FirstRun() {
  const setup = useLive((data) => data.setup);
  const skipped = useLive((data) => data.settings.setupSkipped);
  if (setup) return <UnderWay setup={setup} />;
  return skipped ? <NoServers /> : <Guide />;
}

function UnderWay({ setup }: { readonly setup: Setup }) {
  const dismiss = useRpcCommand('setup.dismiss');
  const isDone = setup.state === 'done';
  return (
    <Pane
      label="Set up the first server"
      className="flex-1"
      toolbar={{
        title: 'Servers',
        subtitle: isDone ? 'Your first server' : 'Setting up your first server',
        children: (
          <>
            {isDone && (
              <Button
                writes
                kind="plain"
                busy={dismiss.isPending}
                onClick={() => dismiss.mutate(undefined)}
              >
                Close setup
              </Button>
            )}
            <PaletteButton />
          </>
        ),
      }}
    >
      {dismiss.error && <ErrorBlock className="m-5" sentence={errorSentence(dismiss.error)} />}
      {isDone ? <SetupDone setup={setup} /> : <SetupProgress setup={setup} />}
    </Pane>
  );
}

function Guide() {
  const skip = useRpcCommand('settings.set');
  const isByStep = useRoute().query.setup === 'steps';
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
              Skip setup
            </Button>
            <PaletteButton />
          </>
        ),
      }}
    >
      {skip.error && <ErrorBlock className="m-5" sentence={errorSentence(skip.error)} />}
      {isByStep ? <StepByStep /> : <Proposal />}
    </Pane>
  );
}
