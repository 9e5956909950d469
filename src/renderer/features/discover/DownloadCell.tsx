import type { Download } from '@shared/domain/download';
import { isUnderWay } from '@shared/domain/download-state';
import type { HubFacts, HubModel } from '@shared/domain/hub';
import { Check, Pause, Play, X } from 'lucide-react';
import { useState } from 'react';

import { Button, IconButton } from '../../components/Button';
import { Dialog } from '../../components/Dialog';
import { errorSentence } from '../../components/ErrorBlock';
import { formatDisk } from '../../components/format';
import { ProgressBar } from '../../components/Meter';
import { useTell } from '../../queries/use-ask';
import { fitSentence } from '../memory/fit-text';
import { downloadLine } from './hub-text';

interface DownloadCellProps {
  readonly model: HubModel;
  readonly facts: HubFacts | undefined;
  readonly download: Download | undefined;
}

/** What can be done with a model of the hub: get it, or what is becomes of the one that is coming. */
export function DownloadCell({ model, facts, download }: DownloadCellProps) {
  if (download && download.state !== 'done') return <UnderWay download={download} />;
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

function UnderWay({ download }: { readonly download: Download }) {
  const pause = useTell('downloads.pause');
  const resume = useTell('downloads.resume');
  const cancel = useTell('downloads.cancel');
  const [asking, setAsking] = useState(false);
  const { id: downloadId, ref, state, bytes, total } = download;
  const running = isUnderWay(state);
  return (
    <span className="flex min-w-0 items-center justify-end gap-1">
      <span className="min-w-0 flex-1">
        {total > 0 && <ProgressBar fraction={bytes / total} label={`Download of ${ref}`} />}
        <span
          className={state === 'failed' ? 'block text-broken-text' : 'block truncate text-text-2'}
          title={downloadLine(download)}
        >
          {downloadLine(download)}
        </span>
      </span>
      {running ? (
        <IconButton
          size="small"
          label={`Pause ${ref}`}
          onClick={() => pause.mutate({ downloadId })}
        >
          <Pause size={14} strokeWidth={1.5} />
        </IconButton>
      ) : (
        <IconButton
          size="small"
          label={`Resume ${ref}`}
          onClick={() => resume.mutate({ downloadId })}
        >
          <Play size={14} strokeWidth={1.5} />
        </IconButton>
      )}
      <IconButton
        size="small"
        label={`Cancel ${ref}`}
        onClick={() => (bytes > 0 ? setAsking(true) : cancel.mutate({ downloadId }))}
      >
        <X size={14} strokeWidth={1.5} />
      </IconButton>
      <Dialog
        open={asking}
        onOpenChange={setAsking}
        title={`Cancel the download of ${ref}?`}
        actions={
          <>
            <Button onClick={() => setAsking(false)}>Keep it</Button>
            <Button
              kind="danger"
              onClick={() => {
                setAsking(false);
                cancel.mutate({ downloadId });
              }}
            >
              Cancel download
            </Button>
          </>
        }
      >
        <p>{formatDisk(bytes)} that have come are removed.</p>
      </Dialog>
    </span>
  );
}
