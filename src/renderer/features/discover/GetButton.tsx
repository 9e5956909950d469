import { Button } from '@renderer/components/Button';
import { Dialog } from '@renderer/components/Dialog';
import { actionOf } from '@renderer/domain/hub/hub-problem';
import { HubFix } from '@renderer/domain/hub/HubFix';
import { fitSentence } from '@renderer/text/fit-text';
import { notWhole } from '@renderer/text/hub-model-text';
import type { HubFacts, HubModel } from '@shared/domain/hub';
import type { Getting } from './use-getting';

interface GetButtonProps {
  readonly model: HubModel;
  readonly facts: HubFacts | undefined;
  readonly getting: Getting;
  readonly size?: 'small' | 'regular';
  /** In a row there is no room for the fix: the sentence alone is shown, the details have the button. */
  readonly withFix?: boolean;
}

/** Starts the download; asks once, with the sum, where the model does not fit this machine. */
export function GetButton(props: GetButtonProps) {
  const { model, facts, getting, size = 'regular', withFix = false } = props;
  const { get, begin, tooLarge, busy, error, asking, setAsking } = getting;
  return (
    <>
      <Button
        writes
        size={size}
        kind={withFix ? 'primary' : 'secondary'}
        busy={busy}
        reason={facts?.unusable ?? (facts?.missing && notWhole(facts.missing))}
        aria-label={withFix ? `Download ${model.name}` : `Download ${model.ref}`}
        onClick={get}
      >
        {tooLarge ? 'Download…' : 'Download'}
      </Button>
      {error && (
        <span
          role="alert"
          title={error.message}
          className={
            withFix
              ? 'mt-2 block text-small text-broken-text'
              : 'line-clamp-2 text-right text-caption text-broken-text'
          }
        >
          {error.message}
        </span>
      )}
      {withFix && error && (
        <span className="mt-2 flex gap-2">
          <HubFix action={actionOf(error)} onRetry={begin} busy={busy} />
        </span>
      )}
      <Dialog
        open={asking}
        onOpenChange={setAsking}
        title={`${model.name} doesn’t fit on this machine now`}
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
              Download anyway
            </Button>
          </>
        }
      >
        <p>{facts?.fit && fitSentence(facts.fit)}</p>
      </Dialog>
    </>
  );
}
