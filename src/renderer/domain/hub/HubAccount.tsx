import { useState } from 'react';

import { Button } from '@renderer/components/Button';
import { errorSentence } from '@renderer/components/ErrorBlock';
import { FormRow } from '@renderer/components/Form';
import { isMac } from '@renderer/components/platform';
import { useRpcQuery, useRpcCommand } from '@renderer/queries/use-rpc';
import { accountSentence, fixedBecause, hostOf } from '@renderer/text/hub-account-text';
import { TokenDialog } from './TokenDialog';
import { siteName } from '@shared/domain/site-name';

/** The account that Hugging Face knows this machine as; asked once, and again when the token has changed. */
export function useAccount() {
  return useRpcQuery('hub.account', {});
}

/** The row of a form that shows, sets and clears the token of the hub. */
export function HubAccount() {
  const account = useAccount();
  const clear = useRpcCommand('hub.clearToken');
  const [asking, setAsking] = useState(false);
  const { data, error } = account;
  const fixed = data && fixedBecause(data);
  const failure = clear.error ?? error;
  const problem = failure ? errorSentence(failure) : data?.problem;
  return (
    <>
      <FormRow
        label={`${data ? siteName(hostOf(data.endpoint)) : 'Hugging Face'} token`}
        hint={problem ? undefined : data ? accountSentence(data, isMac()) : 'Checking…'}
        problem={problem}
        field="hubToken"
      >
        {problem && (
          <Button size="small" busy={account.isFetching} onClick={() => void account.refetch()}>
            Try again
          </Button>
        )}
        {data?.token === 'kept' && (
          <Button
            writes
            size="small"
            aria-label="Clear token"
            busy={clear.isPending}
            onClick={() => clear.mutate({})}
          >
            Clear
          </Button>
        )}
        <Button
          writes
          size="small"
          aria-label={data?.token === 'kept' ? 'Change token…' : 'Set token…'}
          reason={fixed ?? (data ? undefined : 'Checking…')}
          onClick={() => setAsking(true)}
        >
          {data?.token === 'kept' ? 'Change…' : 'Set token…'}
        </Button>
      </FormRow>
      {asking && data && <TokenDialog account={data} onClose={() => setAsking(false)} />}
    </>
  );
}
