import { useState } from 'react';

import { Button } from '@renderer/components/Button';
import { ExternalLink } from '@renderer/components/ExternalLink';
import { effectOf } from '@renderer/domain/actions/action-effect';
import { navigate } from '@renderer/routing/route';
import { fixedBecause } from '@renderer/text/hub-account-text';
import type { Action } from '@shared/errors/action';
import { useAccount } from './HubAccount';
import { TokenDialog } from './TokenDialog';

interface HubFixProps {
  readonly action: Action | undefined;
  readonly onRetry: () => void;
  readonly busy?: boolean;
}

/** The button that does what an error of the hub or of a download proposes. */
export function HubFix({ action, onRetry, busy = false }: HubFixProps) {
  const account = useAccount().data;
  const [asking, setAsking] = useState(false);
  const retry = (
    <Button busy={busy} onClick={onRetry}>
      Try again
    </Button>
  );
  const effect = action && effectOf(action);
  switch (effect?.kind) {
    case 'ask-token':
      return (
        <>
          <Button
            writes
            kind="primary"
            reason={account ? fixedBecause(account) : 'Checking your account…'}
            onClick={() => setAsking(true)}
          >
            {action?.label}
          </Button>
          {asking && account && <TokenDialog account={account} onClose={() => setAsking(false)} />}
        </>
      );
    case 'open-model-page':
      return account ? (
        <>
          <ExternalLink href={`${account.endpoint}/${effect.ref}`} className={LINK_BUTTON}>
            {action?.label}
          </ExternalLink>
          {retry}
        </>
      ) : null;
    case 'go':
      return (
        <Button kind="primary" onClick={() => navigate(effect.href)}>
          {action?.label}
        </Button>
      );
    default:
      // Whatever else is proposed, what was asked for can be asked once more.
      return retry;
  }
}

/** A link with the look of a button. */
export const LINK_BUTTON =
  'inline-flex h-7 shrink-0 items-center justify-center rounded-button bg-button px-3 text-base font-medium whitespace-nowrap text-text-1 shadow-button hover:bg-fill-2';
