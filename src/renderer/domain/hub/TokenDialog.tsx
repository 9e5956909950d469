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
import { siteName } from '@shared/domain/site-name';

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
      title={`${siteName(host)} token`}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            writes
            kind="primary"
            busy={keep.isPending}
            reason={isEmpty && 'Enter a token first'}
            onClick={submit}
          >
            Save token
          </Button>
        </>
      }
    >
      <p>
        A read-only token is enough. It's checked, stored in {placeOf(account.place, isMac())}, and
        only sent to {siteName(host)}.
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
