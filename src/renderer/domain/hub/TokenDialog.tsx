import { useState } from 'react';

import { Button } from '@renderer/components/Button';
import { Dialog } from '@renderer/components/Dialog';
import { errorSentence } from '@renderer/components/ErrorBlock';
import { Field } from '@renderer/components/Field';
import { FormRow } from '@renderer/components/Form';
import { isMac } from '@renderer/components/platform';
import { useRpcCommand } from '@renderer/queries/use-rpc';
import { hostOf, placeOf } from '@renderer/text/hub-account-text';
import type { HubAccount } from '@shared/domain/hub';

interface TokenDialogProps {
  readonly account: HubAccount;
  readonly onClose: () => void;
}

/** Asks for a token; it is kept only when the hub knows whose it is. */
export function TokenDialog({ account, onClose }: TokenDialogProps) {
  const [token, setToken] = useState('');
  const keep = useRpcCommand('hub.setToken');
  const host = hostOf(account.endpoint);
  const isEmpty = token.trim() === '';
  const submit = (): void => {
    if (!isEmpty && !keep.isPending) keep.mutate({ token }, { onSuccess: onClose });
  };
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={`Token of ${host}`}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            writes
            kind="primary"
            busy={keep.isPending}
            reason={isEmpty && 'Type or paste a token first'}
            onClick={submit}
          >
            Test and keep token
          </Button>
        </>
      }
    >
      <p>
        One that may read is enough. It is tried first, then kept in{' '}
        {placeOf(account.place, isMac())}, and sent to {host} alone.
      </p>
      <form
        className="mt-2"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <FormRow label="Token" problem={keep.error ? errorSentence(keep.error) : undefined} stacked>
          <Field
            type="password"
            value={token}
            onChange={setToken}
            autoFocus
            mono
            width="w-full"
            placeholder="hf_…"
            maxLength={500}
          />
        </FormRow>
      </form>
    </Dialog>
  );
}
