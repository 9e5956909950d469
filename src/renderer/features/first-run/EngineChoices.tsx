import { formatDisk } from '@shared/format/bytes';
import { ModelRadio } from './ModelRadio';
import { type EngineChoice, engineTitle } from './proposal';
import type { Proposal } from './use-proposal';

/** Every engine, with the reason where it cannot run the chosen model. */
export function EngineChoices({ proposal }: { readonly proposal: Proposal }) {
  return (
    <fieldset className="min-w-0 px-3">
      <legend className="sr-only">Engine</legend>
      {proposal.engines.map((one) => (
        <ModelRadio
          key={one.engine}
          group="engine"
          name={
            <>
              <span className="truncate">{engineTitle(one)}</span>
              {one.isRecommended && <Tag>Recommended</Tag>}
            </>
          }
          about={one.reason ?? one.description}
          right={<Size engine={one} />}
          chosen={one === proposal.engine}
          disabled={one.reason !== undefined}
          onChoose={() => proposal.chooseEngine(one.engine)}
        />
      ))}
    </fieldset>
  );
}

function Size({ engine: { isInstalled, downloadBytes } }: { readonly engine: EngineChoice }) {
  if (isInstalled) return <span className="text-small text-text-2">Installed</span>;
  return downloadBytes ? <span className="font-medium">{formatDisk(downloadBytes)}</span> : null;
}

/** A word beside a name. */
export function Tag({ children }: { readonly children: string }) {
  return (
    <span className="shrink-0 rounded-tag bg-fill-1 px-1.5 text-caption font-normal text-text-2">
      {children}
    </span>
  );
}
