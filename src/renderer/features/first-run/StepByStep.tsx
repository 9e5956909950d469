import { Button } from '@renderer/components/Button';
import { isDesktop, isMac } from '@renderer/components/platform';
import { useLive } from '@renderer/live/use-live';
import { navigate, routeHref } from '@renderer/routing/route';
import { ENGINE, EngineStep } from './EngineStep';
import { ModelStep } from './ModelStep';
import { StartStep } from './StartStep';
import { useModelChoice } from './use-model-choice';

/** The same three steps, each with a button of its own. */
export function StepByStep() {
  const ready = useLive((data) =>
    data.installations.some((one) => one.engine === ENGINE && one.inUse),
  );
  const choosing = useModelChoice();
  return (
    <div className="mx-auto max-w-[640px] px-5 pt-4 pb-16">
      <h2 className="text-[26px] leading-8 font-semibold">{`Run a model on this ${isMac() ? 'Mac' : 'machine'}`}</h2>
      <p className="mt-1 mb-8 text-text-2">
        {`Three steps. You can close the ${isDesktop() ? 'window' : 'page'}; they keep going.`}
      </p>
      <ol>
        <EngineStep ready={ready} />
        <ModelStep choosing={choosing} />
        <StartStep engineReady={ready} model={choosing.ready} />
      </ol>
      <Button kind="plain" className="-ml-3" onClick={() => navigate(routeHref('servers'))}>
        Set everything up at once
      </Button>
    </div>
  );
}
