import type { Model } from '@shared/domain/model';
import { type KeyboardEvent, type Ref, useEffect, useId, useRef } from 'react';
import { classNames } from '../../components/class-names';
import { formatDisk } from '../../components/format';
import { StateGlyph } from '../../components/StateGlyph';
import { rowAfterKey } from '../../components/inspector-place';
import { formatContext, originOf, usedByText } from './model-text';

interface ModelTableProps {
  readonly models: readonly Model[];
  readonly selected: string | undefined;
  /** The arrows came to it. */
  readonly onSelect: (ref: string) => void;
  /** Clicked, or Enter: its details are wanted. */
  readonly onOpen: (ref: string) => void;
  /** Esc: the details are in the way. */
  readonly onClose: () => void;
  readonly ref?: Ref<HTMLDivElement>;
}

const COLUMNS =
  'grid grid-cols-[minmax(0,1fr)_84px_64px_88px_minmax(96px,150px)] items-center gap-3';

/** The library: one row of 58 px per model. The focus stays on the list; the arrows move the choice. */
export function ModelTable(props: ModelTableProps) {
  const { models, selected, onSelect, onOpen, onClose, ref } = props;
  const id = useId();
  const at = models.findIndex((model) => model.ref === selected);
  const handleKey = (event: KeyboardEvent): void => {
    if (event.key === 'Enter' && selected !== undefined) onOpen(selected);
    if (event.key === 'Escape') onClose();
    const next = models[rowAfterKey(event.key, at, models.length) ?? -1];
    if (!next) return;
    event.preventDefault();
    onSelect(next.ref);
  };
  return (
    <>
      <div
        aria-hidden
        className={classNames(COLUMNS, 'h-6 border-b border-sep px-5 text-caption text-text-3')}
      >
        <span>Model</span>
        <span>Size</span>
        <span>Context</span>
        <span>Used by</span>
        <span>State</span>
      </div>
      <div
        ref={ref}
        role="listbox"
        aria-label="Models"
        aria-activedescendant={at < 0 ? undefined : `${id}-${at}`}
        tabIndex={0}
        onKeyDown={handleKey}
        className="group p-2 focus-visible:outline-none"
      >
        {models.map((model, index) => (
          <ModelRow
            key={model.ref}
            id={`${id}-${index}`}
            model={model}
            selected={model.ref === selected}
            onOpen={onOpen}
          />
        ))}
      </div>
    </>
  );
}

interface ModelRowProps {
  readonly id: string;
  readonly model: Model;
  readonly selected: boolean;
  readonly onOpen: (ref: string) => void;
}

function ModelRow({ id, model, selected, onOpen }: ModelRowProps) {
  const row = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (selected) row.current?.scrollIntoView({ block: 'nearest' });
  }, [selected]);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the list's
    // biome-ignore lint/a11y/useFocusableInteractive: the focus is the list's, which names this row
    <div
      ref={row}
      id={id}
      role="option"
      aria-selected={selected}
      onClick={() => onOpen(model.ref)}
      className={classNames(
        COLUMNS,
        'relative h-[58px] cursor-default rounded-row px-3',
        selected
          ? 'bg-accent-tint outline-accent group-focus-visible:outline-2'
          : 'after:absolute after:inset-x-3 after:bottom-0 after:h-px after:bg-sep last:after:hidden',
      )}
    >
      <div className="min-w-0">
        <p className="truncate font-semibold">{model.name}</p>
        <p className="truncate text-small text-text-2">{originOf(model)}</p>
      </div>
      <div className="text-small tabular-nums">
        <p>{formatDisk(model.sizeBytes)}</p>
        <p className="text-text-2">{model.bits === undefined ? '' : `${model.bits}-bit`}</p>
      </div>
      <p className="text-small tabular-nums">{formatContext(model.contextLength)}</p>
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
