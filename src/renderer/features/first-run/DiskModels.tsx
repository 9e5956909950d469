import { ShortenedName } from '@renderer/components/ShortenedName';
import type { Model } from '@shared/domain/model';
import { formatDisk } from '@shared/format/bytes';
import { ModelRadio } from './ModelRadio';
import type { ModelChoosing } from './use-model-choice';

/** What is on this machine already, the built-in model among it. */
export function DiskModels({ choosing }: { readonly choosing: ModelChoosing }) {
  const { facts, choice, choose } = choosing;
  return (
    <fieldset className="min-w-0">
      <legend className="sr-only">Model on this machine</legend>
      {facts.models.map((model) => (
        <ModelRadio
          key={model.ref}
          name={
            <ShortenedName
              name={model.origin === 'built-in' ? 'Built-in test model' : model.name}
            />
          }
          about={aboutDisk(model)}
          right={formatDisk(model.sizeBytes)}
          chosen={choice?.from === 'disk' && choice.ref === model.ref}
          disabled={!model.complete}
          onChoose={() => choose({ from: 'disk', ref: model.ref })}
        />
      ))}
    </fieldset>
  );
}

function aboutDisk(model: Model): string {
  if (model.origin === 'built-in') {
    return 'Tiny model for checking that everything works';
  }
  if (!model.complete) {
    return model.unusable ?? `Incomplete: ${model.missing?.[0] ?? 'files are missing'}`;
  }
  return [model.architecture, model.bits && `${model.bits}-bit`].filter(Boolean).join(', ');
}
