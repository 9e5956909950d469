import { KeyRound, Plus } from 'lucide-react';
import { useState } from 'react';

import { Button } from '@renderer/components/Button';
import { ConfirmDialog } from '@renderer/components/Dialog';
import { EmptyState } from '@renderer/components/EmptyState';
import { ErrorBlock, errorSentence } from '@renderer/components/ErrorBlock';
import { useLive } from '@renderer/live/use-live';
import { useRpcCommand, useRpcQuery } from '@renderer/queries/use-rpc';
import { routeHref, useRouteRun } from '@renderer/routing/route';
import type { GatewayKey, NewGatewayKey } from '@shared/domain/gateway';
import { AddKeyDialog } from './AddKeyDialog';
import { KeyTable } from './KeyTable';
import { NewKeyDialog } from './NewKeyDialog';
import { revokeText } from './key-text';

/** Who may use the gateway: keys are made, shown once, and revoked. */
export function KeysTab() {
  const keys = useRpcQuery('gateway.keys', undefined);
  const [adding, setAdding] = useState(false);
  const [made, setMade] = useState<NewGatewayKey>();
  const [revoking, setRevoking] = useState<GatewayKey>();
  const add = (): void => setAdding(true);
  useRouteRun('add', add);
  return (
    <div className="h-full overflow-y-auto" data-scrolls="">
      {keys.error && <ErrorBlock className="m-5" sentence={errorSentence(keys.error)} />}
      {keys.data && keys.data.length > 0 && (
        <div className="px-5 pt-1 pb-6">
          <div className="mb-2 flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
            <p className="min-w-0 flex-[1_1_240px] text-small text-text-2">
              <Rule />
            </p>
            <Button writes size="small" icon={<Plus size={14} strokeWidth={1.5} />} onClick={add}>
              Add key…
            </Button>
          </div>
          <KeyTable keys={keys.data} onRevoke={setRevoking} />
        </div>
      )}
      {keys.data?.length === 0 && (
        <EmptyState
          icon={<KeyRound size={32} strokeWidth={1.5} />}
          title="No keys"
          actions={
            <Button writes kind="primary" onClick={add}>
              Add key…
            </Button>
          }
        >
          A key lets one program use the gateway: for some profiles, until a date, up to a number of
          tokens. Each key's use is counted, and each can be revoked without touching the others.
        </EmptyState>
      )}
      {adding && (
        <AddKeyDialog
          onClose={() => setAdding(false)}
          onMade={(key) => {
            setAdding(false);
            setMade(key);
          }}
        />
      )}
      {made && <NewKeyDialog made={made} onClose={() => setMade(undefined)} />}
      {revoking && (
        <RevokeDialog
          isLast={keys.data?.length === 1}
          gatewayKey={revoking}
          onClose={() => setRevoking(undefined)}
        />
      )}
    </div>
  );
}

/** Who needs a key. */
function Rule() {
  const required = useLive((data) => data.settings.gatewayRequireKey);
  return (
    <>
      {required
        ? 'Every program needs one of these keys. '
        : 'Programs on this machine need no key, but one that they send must be valid. '}
      <a
        href={routeHref('settings', [], { field: 'gatewayRequireKey' })}
        className="whitespace-nowrap text-accent-text underline"
      >
        Change
      </a>
    </>
  );
}

interface RevokeDialogProps {
  readonly gatewayKey: GatewayKey;
  readonly isLast: boolean;
  readonly onClose: () => void;
}

function RevokeDialog({ gatewayKey, isLast, onClose }: RevokeDialogProps) {
  const revoke = useRpcCommand('gateway.revokeKey');
  return (
    <ConfirmDialog
      open
      onOpenChange={onClose}
      title={`Revoke ${gatewayKey.name}?`}
      confirmLabel={`Revoke ${gatewayKey.name}`}
      busy={revoke.isPending}
      problem={revoke.error ? errorSentence(revoke.error) : undefined}
      onConfirm={() => revoke.mutate({ keyId: gatewayKey.id }, { onSuccess: onClose })}
    >
      {revokeText(gatewayKey, isLast)}
    </ConfirmDialog>
  );
}
