import { type KeyboardEvent, type Ref, useEffect, useId, useRef } from 'react';

import { classNames } from '@renderer/components/class-names';
import { rowAfterKey } from '@renderer/components/inspector-place';
import { ContextMenu, type MenuItem } from '@renderer/components/Menu';
import { StateGlyph } from '@renderer/components/StateGlyph';
import { useDownloadActions } from '@renderer/domain/downloads/use-download-actions';
import { useDownloadMenu } from '@renderer/domain/downloads/use-download-menu';
import { verdictOf } from '@renderer/text/fit-text';
import { modelLine } from '@renderer/text/hub-model-text';
import type { Download } from '@shared/domain/download';
import type { HubFacts, HubModel } from '@shared/domain/hub';
import { formatDisk, formatMemory } from '@shared/format/bytes';
import { formatContext, formatLargeCount, formatNumber } from '@shared/format/counts';
import { DownloadCell } from './DownloadCell';
import { useGetting } from './use-getting';

interface DiscoverTableProps {
  readonly models: readonly HubModel[];
  readonly facts: ReadonlyMap<string, HubFacts>;
  readonly downloads: readonly Download[];
  /** Whether a model is whole on this machine. */
  readonly isOnDisk: (model: HubModel) => boolean;
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
  'grid grid-cols-[minmax(0,1fr)_72px_104px_150px] items-center gap-3 @min-[720px]:grid-cols-[minmax(0,1fr)_72px_56px_104px_72px_188px]';
/** Columns that a narrow pane has no room for: a small window, or one with the details beside. */
const WIDE = 'hidden @min-[720px]:block';

/** Hugging Face models with what they need on this machine. The focus stays on the table; the arrows move the choice. */
export function DiscoverTable(props: DiscoverTableProps) {
  const { models, facts, downloads, isOnDisk, selected, onSelect, onOpen, onClose, ref } = props;
  const id = useId();
  const at = models.findIndex((model) => model.ref === selected);
  const context = [...facts.values()].find(({ fit }) => fit)?.fit?.context;
  const handleKey = (event: KeyboardEvent): void => {
    if (event.target !== event.currentTarget) return;
    if (event.key === 'Enter' && selected !== undefined) onOpen(selected);
    if (event.key === 'Escape') onClose();
    const next = models[rowAfterKey(event.key, at, models.length) ?? -1];
    if (!next) return;
    event.preventDefault();
    onSelect(next.ref);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: its rows are laid out as those of the library
    <div
      ref={ref}
      role="grid"
      aria-label="Hugging Face models"
      aria-activedescendant={at < 0 ? undefined : `${id}-${at}`}
      tabIndex={0}
      onKeyDown={handleKey}
      className="group @container focus-visible:outline-none"
    >
      {/* biome-ignore lint/a11y/useSemanticElements: see above */}
      {/* biome-ignore lint/a11y/useFocusableInteractive: the focus is the table's */}
      <div
        role="row"
        className={classNames(
          COLUMNS,
          'sticky top-0 z-[1] h-6 border-b border-sep bg-bg px-5 text-caption text-text-3',
        )}
      >
        <Head>Model</Head>
        <Head>Size</Head>
        <Head className={WIDE}>Context</Head>
        <Head>{context === undefined ? 'Memory' : `At ${formatNumber(context)} tokens`}</Head>
        <Head className={classNames(WIDE, 'text-right')}>Downloads</Head>
        <Head>
          <span className="sr-only">Download</span>
        </Head>
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: see above */}
      <div role="rowgroup" className="p-2">
        {models.map((model, index) => (
          <DiscoverRow
            key={model.ref}
            id={`${id}-${index}`}
            model={model}
            facts={facts.get(model.ref)}
            download={downloads.find((one) => one.ref === model.ref)}
            isOnDisk={isOnDisk(model)}
            selected={model.ref === selected}
            onOpen={() => onOpen(model.ref)}
          />
        ))}
      </div>
    </div>
  );
}

interface CellProps {
  readonly className?: string | undefined;
  readonly children: React.ReactNode;
}

function Head({ className, children }: CellProps) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: see above
    // biome-ignore lint/a11y/useFocusableInteractive: the focus is the table's
    <div role="columnheader" className={className}>
      {children}
    </div>
  );
}

function Cell({ className, children }: CellProps) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: see above
    // biome-ignore lint/a11y/useFocusableInteractive: the focus is the table's
    <div role="gridcell" className={classNames('min-w-0', className)}>
      {children}
    </div>
  );
}

interface DiscoverRowProps {
  readonly id: string;
  readonly model: HubModel;
  readonly facts: HubFacts | undefined;
  readonly download: Download | undefined;
  readonly isOnDisk: boolean;
  readonly selected: boolean;
  readonly onOpen: () => void;
}

function DiscoverRow(props: DiscoverRowProps) {
  const { id, model, facts, download, isOnDisk, selected, onOpen } = props;
  const row = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (selected) row.current?.scrollIntoView({ block: 'nearest' });
  }, [selected]);
  const size = facts?.sizeBytes ?? model.sizeBytes;
  const bits = facts?.bits ?? model.bits;
  const actions = useDownloadActions(download);
  const coming = useDownloadMenu(download, actions);
  const getting = useGetting(model, facts);
  const get: MenuItem =
    facts?.access === undefined
      ? {
          label: getting.tooLarge ? 'Download…' : 'Download',
          reason: facts?.unusable ?? (getting.busy && 'Starting…'),
          writes: true,
          onSelect: getting.get,
        }
      : { label: 'Request access', onSelect: onOpen };
  const main = coming.items.length > 0 ? coming.items : isOnDisk ? [] : [get];
  const line = (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the table's
    // biome-ignore lint/a11y/useSemanticElements: see above
    // biome-ignore lint/a11y/useFocusableInteractive: the focus is the table's, which names this row
    <div
      ref={row}
      id={id}
      role="row"
      aria-selected={selected}
      onClick={(event) => {
        // A button of the row does its own work.
        if (event.target instanceof Element && event.target.closest('button, a, dialog')) return;
        onOpen();
      }}
      className={classNames(
        COLUMNS,
        'relative h-[58px] cursor-default rounded-row px-3 text-small',
        selected
          ? 'bg-accent-tint outline-accent group-focus-visible:outline-2'
          : 'after:absolute after:inset-x-3 after:bottom-0 after:h-px after:bg-sep last:after:hidden',
      )}
    >
      <Cell>
        <p className="truncate text-base font-semibold">{model.name}</p>
        <p className="truncate text-text-2">{modelLine(model)}</p>
      </Cell>
      <Cell>
        <p>{size === undefined ? '' : formatDisk(size)}</p>
        <p className="text-text-2">{bits === undefined ? '' : `${bits}-bit`}</p>
      </Cell>
      <Cell className={WIDE}>
        {facts?.contextLength !== undefined && formatContext(facts.contextLength)}
      </Cell>
      <Cell>
        <Verdict facts={facts} />
      </Cell>
      <Cell className={classNames(WIDE, 'text-right')}>{formatLargeCount(model.downloads)}</Cell>
      <Cell>
        <DownloadCell
          model={model}
          facts={facts}
          download={download}
          actions={actions}
          getting={getting}
          isOnDisk={isOnDisk}
          onAccess={onOpen}
        />
        {coming.dialog}
      </Cell>
    </div>
  );
  return (
    <ContextMenu items={[...main, { label: 'Show details', onSelect: onOpen }]}>{line}</ContextMenu>
  );
}

const TONES = { fits: 'text-ready-text', tight: 'text-warning-text', no: 'text-text-2' } as const;

function Verdict({ facts }: { readonly facts: HubFacts | undefined }) {
  if (facts?.unusable !== undefined) return <span title={facts.unusable}>Not for MLX</span>;
  if (!facts?.fit) return null;
  const { glyph, label } = verdictOf(facts.fit);
  return (
    <>
      <p
        className={classNames(
          'flex items-center gap-1.5 whitespace-nowrap',
          TONES[facts.fit.verdict],
        )}
      >
        <StateGlyph glyph={glyph} size={13} /> {label}
      </p>
      <p className="pl-[19px] text-text-2">{formatMemory(facts.fit.total)}</p>
    </>
  );
}
