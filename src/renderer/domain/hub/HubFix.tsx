import { useState } from 'react';

import { Button } from '@renderer/components/Button';
import { ExternalLink } from '@renderer/components/ExternalLink';
import { navigate, routeHref } from '@renderer/routing/route';
import { fixedBecause } from '@renderer/text/hub-account-text';
import type { HubProblem } from './hub-problem';
import { useAccount } from './HubAccount';
import { TokenDialog } from './TokenDialog';

interface HubFixProps {
  readonly problem: HubProblem;
  /** The model that it is about. */
  readonly modelRef?: string | undefined;
  readonly onRetry: () => void;
  readonly busy?: boolean;
}

/** The button that does what an error of the hub or of a download proposes. */
export function HubFix({ problem, modelRef, onRetry, busy = false }: HubFixProps) {
  const account = useAccount().data;
  const [asking, setAsking] = useState(false);
  switch (problem.action?.id) {
    case 'set_token':
      return (
        <>
          <Button
            kind="primary"
            reason={account ? fixedBecause(account) : 'Asking who you are'}
            onClick={() => setAsking(true)}
          >
            Set a token…
          </Button>
          {asking && account && <TokenDialog account={account} onClose={() => setAsking(false)} />}
        </>
      );
    case 'open_model_page':
      return account && modelRef ? (
        <>
          <ExternalLink href={`${account.endpoint}/${modelRef}`} className={LINK_BUTTON}>
            Open its page
          </ExternalLink>
          <Button busy={busy} onClick={onRetry}>
            Try again
          </Button>
        </>
      ) : null;
    case 'free_space':
      return (
        <Button kind="primary" onClick={() => navigate(routeHref('models'))}>
          Free space in Models
        </Button>
      );
    default:
      return (
        <Button busy={busy} onClick={onRetry}>
          Try again
        </Button>
      );
  }
}

/** A link with the look of a button. */
export const LINK_BUTTON =
  'inline-flex h-7 shrink-0 items-center justify-center rounded-button bg-button px-3 text-base font-medium whitespace-nowrap text-text-1 shadow-button hover:bg-fill-2';
