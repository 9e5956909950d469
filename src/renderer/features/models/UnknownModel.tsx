import { Button } from '@renderer/components/Button';
import { ErrorBlock } from '@renderer/components/ErrorBlock';
import { useLive } from '@renderer/live/use-live';
import { useRpcCommand } from '@renderer/queries/use-rpc';
import { modelName } from '@renderer/text/server-text';
import { listed } from '@renderer/domain/models/model-rules';
import { modelRefKind } from '@shared/domain/model-ref';

interface UnknownModelProps {
  /** What the address names. */
  readonly reference: string;
  readonly onShowAll: () => void;
}

/** A link to a model that is not here: another one must not be taken for it. */
export function UnknownModel({ reference, onShowAll }: UnknownModelProps) {
  const start = useRpcCommand('downloads.start');
  const users = useLive(({ profiles }) =>
    profiles.filter(({ model }) => model === reference).map(({ name }) => name),
  );
  const isComing = useLive(({ downloads }) =>
    downloads.some(({ ref, state }) => ref === reference && state !== 'done'),
  );
  const canDownload = modelRefKind(reference) === 'hub' && !isComing;
  const uses = users.length === 1 ? 'uses' : 'use';
  return (
    <ErrorBlock
      className="mx-5 mb-3"
      tone="off"
      sentence={`${modelName(reference)} is not on this machine.`}
      detail={
        start.error
          ? start.error.message
          : users.length > 0
            ? `${listed(users)} ${uses} it.`
            : 'The model was deleted or moved, or the link is wrong.'
      }
      actions={
        <>
          {canDownload && (
            <Button
              writes
              kind="primary"
              busy={start.isPending}
              onClick={() => start.mutate({ ref: reference })}
            >
              Download again
            </Button>
          )}
          <Button kind="plain" onClick={onShowAll}>
            Show all models
          </Button>
        </>
      }
    />
  );
}
