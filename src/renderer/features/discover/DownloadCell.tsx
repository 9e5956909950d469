import type { Download } from '@shared/domain/download';
import type { HubFacts, HubModel } from '@shared/domain/hub';
import { Check } from 'lucide-react';
import { useState } from 'react';

import { Button } from '../../components/Button';
import { Dialog } from '../../components/Dialog';
import { errorSentence } from '../../components/ErrorBlock';
import { useTell } from '../../queries/use-ask';
import { DownloadProgress } from '../downloads/DownloadProgress';
import { fitSentence } from '../memory/fit-text';

interface DownloadCellProps {
  readonly model: HubModel;
  readonly facts: HubFacts | undefined;
  readonly download: Download | undefined;
}

/** What can be done with a model of the hub: get it, or what is becomes of the one that is coming. */
export function DownloadCell({ model, facts, download }: DownloadCellProps) {
  if (download && download.state !== 'done') return <DownloadProgress download={download} />;
  if (model.onDisk === 'complete' || download?.state === 'done') {
    return (
      <span className="flex items-center justify-end gap-1.5 text-text-2">
        <Check aria-hidden="true" size={14} strokeWidth={1.5} /> On this machine
      </span>
    );
  }
  return <Get model={model} facts={facts} />;
}

function Get({ model, facts }: Omit<DownloadCellProps, 'download'>) {
  const start = useTell('downloads.start');
  const [asking, setAsking] = useState(false);
  const tooLarge = facts?.fit?.verdict === 'no';
  const begin = (): void => start.mutate({ ref: model.ref });
  return (
    <span className="flex flex-col items-end gap-1">
      <Button
        size="small"
        busy={start.isPending}
        reason={facts?.unusable}
        aria-label={`Download ${model.ref}`}
        onClick={() => (tooLarge ? setAsking(true) : begin())}
      >
        {tooLarge ? 'Download…' : 'Download'}
      </Button>
      {start.error && (
        <span role="alert" className="text-right text-caption text-broken-text">
          {errorSentence(start.error)}
        </span>
      )}
      <Dialog
        open={asking}
        onOpenChange={setAsking}
        title={`${model.name} does not fit this machine now`}
        actions={
          <>
            <Button onClick={() => setAsking(false)}>Cancel</Button>
            <Button
              kind="primary"
              onClick={() => {
                setAsking(false);
                begin();
              }}
            >
              Download it anyway
            </Button>
          </>
        }
      >
        <p>{facts?.fit && fitSentence(facts.fit)}</p>
      </Dialog>
    </span>
  );
}
