import { Download } from 'lucide-react';
import { useState } from 'react';

import { Button } from '@renderer/components/Button';
import { classNames } from '@renderer/components/class-names';
import { ErrorBlock, errorSentence } from '@renderer/components/ErrorBlock';
import { StateGlyph } from '@renderer/components/StateGlyph';
import { DownloadProgress } from '@renderer/domain/downloads/DownloadProgress';
import { useRpcCommand } from '@renderer/queries/use-rpc';
import { navigate, routeHref } from '@renderer/routing/route';
import { DomainError } from '@shared/errors';
import { formatDisk, formatMemory } from '@shared/format/bytes';
import { DiskModels } from './DiskModels';
import { HubModels } from './HubModels';
import { type Choice, type HubRow, hubRows } from './model-choice';
import { Step } from './Step';
import type { ModelChoosing } from './use-model-choice';

/** A model for the first server: fetched from the hub, or one that is here. */
export function ModelStep({ choosing }: { readonly choosing: ModelChoosing }) {
  const { facts, choice, ready, isAsking, problems } = choosing;
  const [view, setView] = useState<Choice['from']>();
  const shown = view ?? choice?.from ?? 'hub';
  const rows = hubRows(facts);
  const row = rows.find(({ ref }) => choice?.from === 'hub' && ref === choice.ref);
  const nothing = facts.suggested?.length === 0 && rows.length === 0;
  const isDisk = shown === 'disk' || (rows.length === 0 && (problems.hub !== null || nothing));
  return (
    <Step
      number={2}
      title="Choose a model"
      state={ready ? 'done' : row?.download ? 'current' : 'open'}
      right={isDisk ? 'On this machine' : freeText(choosing)}
    >
      {problems.library && <ErrorBlock sentence={errorSentence(problems.library)} />}
      {shown === 'hub' && isAsking && rows.length === 0 && (
        <p className="flex items-center gap-2 py-2 text-text-2">
          <StateGlyph glyph="loading" /> Finding models that fit this machine…
        </p>
      )}
      {problems.hub && (
        <ErrorBlock
          className="mb-2"
          tone={isOffline(problems.hub) ? 'off' : 'broken'}
          sentence={errorSentence(problems.hub)}
          actions={
            <Button size="small" busy={isAsking} onClick={choosing.askAgain}>
              Try again
            </Button>
          }
        />
      )}
      {nothing && (
        <p className="py-2 text-text-2">
          None of the suggested models fit in the memory that's free.
        </p>
      )}
      {isDisk ? <DiskModels choosing={choosing} /> : <HubModels choosing={choosing} />}
      <Ways
        row={isDisk ? undefined : row}
        isDisk={isDisk}
        count={facts.models.length}
        hasHub={rows.length > 0}
        onShow={setView}
        onChoose={choosing.choose}
      />
    </Step>
  );
}

interface WaysProps {
  readonly row: HubRow | undefined;
  readonly isDisk: boolean;
  /** Models on this machine. */
  readonly count: number;
  readonly hasHub: boolean;
  readonly onShow: (view: Choice['from']) => void;
  readonly onChoose: (choice: Choice) => void;
}

/** Fetches what is chosen, shows how far that is, and leads to other models. */
function Ways({ row, isDisk, count, hasHub, onShow, onChoose }: WaysProps) {
  const start = useRpcCommand('downloads.start');
  const canFetch = row !== undefined && !row.download && !row.isOnDisk;
  return (
    <div className="mt-3">
      {row?.download && (
        <div className="mb-2">
          <DownloadProgress download={row.download} />
        </div>
      )}
      {start.error && <ErrorBlock className="mb-3" sentence={errorSentence(start.error)} />}
      <div
        className={classNames('flex flex-wrap items-center gap-x-1 gap-y-2', !canFetch && '-ml-3')}
      >
        {canFetch && (
          <Button
            writes
            kind="primary"
            icon={<Download size={14} strokeWidth={1.75} />}
            busy={start.isPending}
            onClick={() => {
              // From now on it is the person's: the list stays when the model is here.
              onChoose({ from: 'hub', ref: row.ref });
              start.mutate({ ref: row.ref });
            }}
          >
            {`Download ${formatDisk(row.suggestion?.sizeBytes ?? 0)}`}
          </Button>
        )}
        {!isDisk && (
          <Button kind="plain" onClick={() => onShow('disk')}>
            {`Use one of ${count} on disk…`}
          </Button>
        )}
        {isDisk && hasHub && (
          <Button kind="plain" onClick={() => onShow('hub')}>
            Show suggested models
          </Button>
        )}
        <Button kind="plain" onClick={() => navigate(routeHref('discover'))}>
          Search for another…
        </Button>
      </div>
    </div>
  );
}

function isOffline(error: Error): boolean {
  return error instanceof DomainError && error.code === 'offline';
}

function freeText({ facts }: ModelChoosing): string | undefined {
  const fit = facts.suggested?.[0]?.fit;
  return (
    fit && `These fit in the ${formatMemory(Math.max(0, fit.limit - fit.inUse))} free for models`
  );
}
