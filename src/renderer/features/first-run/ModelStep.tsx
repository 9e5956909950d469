import { Download } from 'lucide-react';

import { Button } from '@renderer/components/Button';
import { ErrorBlock, errorSentence } from '@renderer/components/ErrorBlock';
import { DownloadProgress } from '@renderer/domain/downloads/DownloadProgress';
import { useRpcCommand } from '@renderer/queries/use-rpc';
import { formatDisk, formatMemory } from '@shared/format/bytes';
import { type Choice, type HubRow, hubRows } from './model-choice';
import { ModelChoices } from './ModelChoices';
import { Step } from './Step';
import type { ModelChoosing } from './use-model-choice';

/** A model for the first server: fetched from Hugging Face, or one that is here. */
export function ModelStep({ choosing }: { readonly choosing: ModelChoosing }) {
  const { facts, choice, ready } = choosing;
  const row = hubRows(facts).find(({ ref }) => choice?.from === 'hub' && ref === choice.ref);
  return (
    <Step
      number={2}
      title="Choose a model"
      state={ready ? 'done' : row?.download ? 'current' : 'open'}
      right={choice?.from === 'disk' ? 'On this machine' : freeText(choosing)}
    >
      <ModelChoices choosing={choosing}>
        {(chosen) => <Fetch row={chosen} onChoose={choosing.choose} />}
      </ModelChoices>
    </Step>
  );
}

interface FetchProps {
  readonly row: HubRow | undefined;
  readonly onChoose: (choice: Choice) => void;
}

/** Fetches what is chosen, and shows how far that is. */
function Fetch({ row, onChoose }: FetchProps) {
  const start = useRpcCommand('downloads.start');
  const canFetch = row !== undefined && !row.download && !row.isOnDisk;
  return (
    <>
      {row?.download && (
        <div className="mb-2 w-full">
          <DownloadProgress download={row.download} />
        </div>
      )}
      {start.error && <ErrorBlock className="mb-3" sentence={errorSentence(start.error)} />}
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
    </>
  );
}

function freeText({ facts }: ModelChoosing): string | undefined {
  const fit = facts.suggested?.[0]?.fit;
  return fit && `These fit in the ${formatMemory(Math.max(0, fit.limit - fit.inUse))} that's free`;
}
