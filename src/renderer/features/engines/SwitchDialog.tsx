import { ConfirmDialog } from '@renderer/components/Dialog';
import { ErrorBlock, errorSentence } from '@renderer/components/ErrorBlock';
import { useRpcQuery, useRpcCommand } from '@renderer/queries/use-rpc';
import type { Installation, VersionChange } from '@shared/domain/engine';
import { driftLines } from './versions';

interface SwitchDialogProps {
  /** The one that would be put in use. */
  readonly installation: Installation;
  readonly onClose: () => void;
}

/** Says what another version changes, and for whom, before it is put in use. */
export function SwitchDialog({ installation, onClose }: SwitchDialogProps) {
  const { id, engine, version } = installation;
  const change = useRpcQuery('engines.change', { installationId: id }, { fresh: true });
  const use = useRpcCommand('engines.use');
  return (
    <ConfirmDialog
      open
      onOpenChange={onClose}
      danger={false}
      title={`Use ${engine} ${version}?`}
      confirmLabel={`Use ${version}`}
      busy={use.isPending}
      problem={use.error ? errorSentence(use.error) : undefined}
      onConfirm={() => use.mutate({ installationId: id }, { onSuccess: onClose })}
    >
      {change.error && <ErrorBlock sentence={errorSentence(change.error)} />}
      {change.data ? (
        <Change change={change.data} />
      ) : (
        !change.error && <p role="status">Comparing its options…</p>
      )}
    </ConfirmDialog>
  );
}

function Change({ change }: { readonly change: VersionChange }) {
  const lines = driftLines(change.drift);
  const { profiles } = change;
  const names = profiles.map(({ name }) => name).join(', ');
  const problems = profiles.flatMap(({ profileId, name, problems: texts }) =>
    texts.map((text) => ({ key: `${profileId} ${text}`, name, text })),
  );
  return (
    <div className="space-y-3">
      {lines.length === 0 ? (
        <p>Its options are the same.</p>
      ) : (
        <ul className="max-h-48 list-disc space-y-0.5 overflow-auto pl-5">
          {lines.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
      <p>
        {profiles.length === 0
          ? 'No profile uses it.'
          : `Used from their next start: ${names}. Running servers aren't affected.`}
      </p>
      {problems.length > 0 && (
        <ul className="list-disc space-y-0.5 pl-5 text-warning-text">
          {problems.map(({ key, name, text }) => (
            <li key={key}>{`${name}: ${text}`}</li>
          ))}
        </ul>
      )}
    </div>
  );
}
