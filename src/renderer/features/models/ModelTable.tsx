import type { Model } from '@shared/domain/model';
import type { KeyboardEvent } from 'react';
import { classNames } from '../../components/class-names';
import { formatDisk } from '../../components/format';
import { StateGlyph } from '../../components/StateGlyph';
import { formatContext, originOf, usedByText } from './model-text';

interface ModelTableProps {
  readonly models: readonly Model[];
  readonly selected: string | undefined;
  readonly onSelect: (ref: string) => void;
}

const COLUMNS =
  'grid grid-cols-[minmax(0,1fr)_84px_64px_88px_minmax(96px,150px)] items-center gap-3';

/** The library: one row of 58 px per model. */
export function ModelTable({ models, selected, onSelect }: ModelTableProps) {
  const move = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const at = models.findIndex((model) => model.ref === selected);
    const next = models[Math.min(models.length - 1, Math.max(0, at + step))];
    if (next) onSelect(next.ref);
  };
  return (
    <>
      <div
        aria-hidden
        className={classNames(COLUMNS, 'h-6 border-b border-sep px-5 text-caption text-text-3')}
      >
        <span>Model</span>
        <span className="text-right">Size</span>
        <span className="text-right">Context</span>
        <span>Used by</span>
        <span>State</span>
      </div>
      <div
        role="listbox"
        aria-label="Models"
        tabIndex={0}
        onKeyDown={move}
        className="p-2 focus-visible:outline-accent"
      >
        {models.map((model) => (
          <ModelRow
            key={model.ref}
            model={model}
            selected={model.ref === selected}
            onSelect={onSelect}
          />
        ))}
      </div>
    </>
  );
}

interface ModelRowProps {
  readonly model: Model;
  readonly selected: boolean;
  readonly onSelect: (ref: string) => void;
}

function ModelRow({ model, selected, onSelect }: ModelRowProps) {
  return (
    <div
      role="option"
      aria-selected={selected}
      tabIndex={-1}
      onClick={() => onSelect(model.ref)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') onSelect(model.ref);
      }}
      className={classNames(
        COLUMNS,
        'h-[58px] cursor-default rounded-row px-3',
        selected && 'bg-accent-tint',
      )}
    >
      <div className="min-w-0">
        <p className="truncate font-semibold">{model.name}</p>
        <p className="truncate text-small text-text-2">{originOf(model)}</p>
      </div>
      <div className="text-right text-small tabular-nums">
        <p>{formatDisk(model.sizeBytes)}</p>
        <p className="text-text-2">{model.bits === undefined ? '' : `${model.bits}-bit`}</p>
      </div>
      <p className="text-right text-small tabular-nums">{formatContext(model.contextLength)}</p>
      <p className="text-small">{usedByText(model.usedBy)}</p>
      <ModelState model={model} />
    </div>
  );
}

/** Complete, or what is missing. */
export function ModelState({ model }: { readonly model: Model }) {
  const more = (model.missing?.length ?? 0) - 1;
  return (
    <div className="min-w-0 text-small">
      <p
        className={classNames(
          'flex items-center gap-1.5',
          model.complete ? 'text-ready-text' : 'text-broken-text',
        )}
      >
        <StateGlyph glyph={model.complete ? 'ok' : 'failed'} size={13} />
        {model.complete ? 'Complete' : 'Incomplete'}
      </p>
      {!model.complete && (
        <p className="truncate text-text-2">
          {model.missing?.[0] ?? 'files are missing'}
          {more > 0 ? ` and ${more} more` : ''}
        </p>
      )}
    </div>
  );
}
