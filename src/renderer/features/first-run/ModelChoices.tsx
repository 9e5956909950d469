import { type ReactNode, useState } from 'react';

import { Button } from '@renderer/components/Button';
import { ErrorBlock, errorSentence } from '@renderer/components/ErrorBlock';
import { StateGlyph } from '@renderer/components/StateGlyph';
import { navigate, routeHref } from '@renderer/routing/route';
import { DomainError } from '@shared/errors';
import { DiskModels } from './DiskModels';
import { HubModels } from './HubModels';
import { type Choice, type HubRow, hubRows } from './model-choice';
import type { ModelChoosing } from './use-model-choice';

interface ModelChoicesProps {
  readonly choosing: ModelChoosing;
  /** Which of the two is shown first; without it, where the choice is from. */
  readonly begin?: Choice['from'] | undefined;
  /** What can be done with the chosen row of Hugging Face, before the other ways. */
  readonly children?: (row: HubRow | undefined) => ReactNode;
}

/** Models to choose from: a few of Hugging Face, those of this machine, and the way to any other. */
export function ModelChoices({ choosing, begin, children }: ModelChoicesProps) {
  const { facts, choice, isAsking, problems } = choosing;
  const [view, setView] = useState<Choice['from'] | undefined>(begin);
  const shown = view ?? choice?.from ?? 'hub';
  const rows = hubRows(facts);
  const row = rows.find(({ ref }) => choice?.from === 'hub' && ref === choice.ref);
  const nothing = facts.suggested?.length === 0 && rows.length === 0;
  const isDisk = shown === 'disk' || (rows.length === 0 && (problems.hub !== null || nothing));
  return (
    <>
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
      <div className="mt-3 flex flex-wrap items-center gap-x-1 gap-y-2">
        {children?.(isDisk ? undefined : row)}
        {!isDisk && (
          <Button kind="plain" onClick={() => setView('disk')}>
            {facts.models.length > 1
              ? `Use one of ${facts.models.length} models on this machine…`
              : 'Use a model on this machine…'}
          </Button>
        )}
        {isDisk && rows.length > 0 && (
          <Button kind="plain" onClick={() => setView('hub')}>
            Show suggested models
          </Button>
        )}
        <Button kind="plain" onClick={() => navigate(routeHref('discover'))}>
          Search for another…
        </Button>
      </div>
    </>
  );
}

function isOffline(error: Error): boolean {
  return error instanceof DomainError && error.code === 'offline';
}
