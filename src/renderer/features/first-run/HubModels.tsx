import { ShortenedName } from '@renderer/components/ShortenedName';
import { StateGlyph } from '@renderer/components/StateGlyph';
import { verdictOf } from '@renderer/text/fit-text';
import { formatDisk, formatMemory } from '@shared/format/bytes';
import { Tag } from './EngineChoices';
import { aboutModel, type HubRow, hubRows } from './model-choice';
import { ModelRadio } from './ModelRadio';
import type { ModelChoosing } from './use-model-choice';

/** A few models of the hub that fit this machine, the best first. */
export function HubModels({ choosing }: { readonly choosing: ModelChoosing }) {
  const { facts, choice, choose } = choosing;
  return (
    <fieldset className="min-w-0 px-3">
      <legend className="sr-only">Hugging Face model</legend>
      {hubRows(facts).map((row, index) => (
        <ModelRadio
          key={row.ref}
          name={
            <>
              <ShortenedName name={row.name} />
              {index === 0 && row.suggestion && <Tag>Suggested</Tag>}
            </>
          }
          about={row.suggestion ? aboutModel(row.suggestion) : row.ref}
          right={<Size row={row} />}
          chosen={choice?.from === 'hub' && choice.ref.toLowerCase() === row.ref.toLowerCase()}
          onChoose={() => choose({ from: 'hub', ref: row.ref })}
        />
      ))}
    </fieldset>
  );
}

function Size({ row: { suggestion, download, isOnDisk } }: { readonly row: HubRow }) {
  const bytes = suggestion?.sizeBytes ?? download?.total ?? 0;
  const { glyph, label } = suggestion ? verdictOf(suggestion.fit) : {};
  return (
    <>
      <span className="block font-medium">{bytes > 0 ? formatDisk(bytes) : ''}</span>
      {isOnDisk ? (
        <span className="block text-small text-text-2">On this machine</span>
      ) : (
        suggestion &&
        glyph && (
          <span className="flex items-center justify-end gap-1.5 text-small text-text-2">
            <StateGlyph glyph={glyph} size={12} />
            {`${label}, ${formatMemory(suggestion.fit.total)}`}
          </span>
        )
      )}
    </>
  );
}
