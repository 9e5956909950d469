import { useState } from 'react';

import { SearchField } from '@renderer/components/SearchField';
import { ShortenedName } from '@renderer/components/ShortenedName';
import type { Model } from '@shared/domain/model';
import { formatDisk } from '@shared/format/bytes';
import { type DiskRow, onDisk, searchDisk } from './model-choice';
import { ModelRadio } from './ModelRadio';
import type { ModelChoosing } from './use-model-choice';

/** From so many on they are searched. */
const MANY = 6;

/** What is on this machine already, the built-in model among it: in a box that leaves the rest of the page in sight. */
export function DiskModels({ choosing }: { readonly choosing: ModelChoosing }) {
  const { facts, choice, choose } = choosing;
  const [query, setQuery] = useState('');
  const all = onDisk(facts);
  const rows = searchDisk(all, query);
  return (
    <div>
      {all.length > MANY && (
        <div className="mb-2">
          <SearchField
            label={`Search ${all.length} models`}
            value={query}
            onChange={setQuery}
            width="w-full"
          />
        </div>
      )}
      <fieldset className="max-h-[270px] min-w-0 overflow-y-auto px-3">
        <legend className="sr-only">Model on this machine</legend>
        {rows.map(({ model, reason, isLarge }) => (
          <ModelRadio
            key={model.ref}
            name={
              <ShortenedName
                name={model.origin === 'built-in' ? 'Built-in test model' : model.name}
              />
            }
            about={aboutDisk(model, { reason, isLarge })}
            right={formatDisk(model.sizeBytes)}
            chosen={choice?.from === 'disk' && choice.ref === model.ref}
            disabled={reason !== undefined}
            onChoose={() => choose({ from: 'disk', ref: model.ref })}
          />
        ))}
      </fieldset>
      {rows.length === 0 && <p className="py-2 text-text-2">{`No results for “${query}”`}</p>}
    </div>
  );
}

const TOO_LARGE = "too large for the memory that's free";

/** What is said of a model below its name. */
export function aboutDisk(
  model: Model,
  { reason, isLarge }: Partial<Pick<DiskRow, 'reason' | 'isLarge'>> = {},
): string {
  if (model.origin === 'built-in') return 'Tiny model for checking that everything works';
  if (reason !== undefined) return reason;
  const facts = [model.architecture, model.bits && `${model.bits}-bit`, isLarge && TOO_LARGE];
  return facts.filter(Boolean).join(', ');
}
