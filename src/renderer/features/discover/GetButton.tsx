import { useState } from 'react';

import { Button } from '@renderer/components/Button';
import { Dialog } from '@renderer/components/Dialog';
import { actionOf } from '@renderer/domain/hub/hub-problem';
import { HubFix } from '@renderer/domain/hub/HubFix';
import { useRpcCommand } from '@renderer/queries/use-rpc';
import { fitSentence } from '@renderer/text/fit-text';
import type { HubFacts, HubModel } from '@shared/domain/hub';

interface GetButtonProps {
  readonly model: HubModel;
  readonly facts: HubFacts | undefined;
  readonly size?: 'small' | 'regular';
  /** In a row there is no room for the fix: the sentence alone is shown, the details have the button. */
  readonly withFix?: boolean;
}

/** Starts the download; asks once, with the sum, where the model does not fit this machine. */
export function GetButton({ model, facts, size = 'regular', withFix = false }: GetButtonProps) {
  const start = useRpcCommand('downloads.start');
  const [asking, setAsking] = useState(false);
  const tooLarge = facts?.fit?.verdict === 'no';
  const begin = (): void => start.mutate({ ref: model.ref });
  return (
    <>
      <Button
        writes
        size={size}
        kind={withFix ? 'primary' : 'secondary'}
        busy={start.isPending}
        reason={facts?.unusable}
        aria-label={withFix ? `Download ${model.name}` : `Download ${model.ref}`}
        onClick={() => (tooLarge ? setAsking(true) : begin())}
      >
        {tooLarge ? 'Download…' : 'Download'}
      </Button>
      {start.error && (
        <span
          role="alert"
          title={start.error.message}
          className={
            withFix
              ? 'mt-2 block text-small text-broken-text'
              : 'line-clamp-2 text-right text-caption text-broken-text'
          }
        >
          {start.error.message}
        </span>
      )}
      {withFix && start.error && (
        <span className="mt-2 flex gap-2">
          <HubFix action={actionOf(start.error)} onRetry={begin} busy={start.isPending} />
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
              writes
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
    </>
  );
}
