import { Check, Lock } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';

import { Button } from '@renderer/components/Button';
import { classNames } from '@renderer/components/class-names';
import { ExternalLink } from '@renderer/components/ExternalLink';
import { isMac } from '@renderer/components/platform';
import { useAccount } from '@renderer/domain/hub/HubAccount';
import { LINK_BUTTON } from '@renderer/domain/hub/HubFix';
import { TokenDialog } from '@renderer/domain/hub/TokenDialog';
import { accountSentence, fixedBecause, hostOf } from '@renderer/text/hub-account-text';
import type { HubFacts, HubModel } from '@shared/domain/hub';
import { formatDisk } from '@shared/format/bytes';
import { siteName } from '@shared/domain/site-name';

interface GatedStepsProps {
  readonly model: HubModel;
  readonly access: NonNullable<HubFacts['access']>;
  readonly sizeBytes: number;
  /** Its page on the hub. */
  readonly page: string;
  /** Asks the hub again whether the files may be read. */
  readonly onCheck: () => void;
}

/** What is to be done before a gated model can be fetched, and which step it is. */
export function GatedSteps({ model, access, sizeBytes, page, onCheck }: GatedStepsProps) {
  const account = useAccount().data;
  const [asking, setAsking] = useState(false);
  useOnReturn(access === 'accept', onCheck);
  const host = hostOf(page);
  const isFirst = access === 'token';
  return (
    <section aria-label={`${model.name} is gated`}>
      <h3 className="flex items-center gap-2 font-semibold">
        <Lock aria-hidden="true" size={14} strokeWidth={1.5} className="shrink-0" />
        <span className="min-w-0 wrap-anywhere">{model.name} is gated</span>
      </h3>
      <p className="mt-0.5 pl-[22px] text-small text-text-2">
        {model.author} asks you to accept its license before you can download the files.
      </p>
      <ol className="mt-2 [&>li+li]:border-t [&>li+li]:border-sep">
        <Step
          number={1}
          state={isFirst ? 'now' : 'done'}
          title={`${siteName(host)} token`}
          detail={
            isFirst
              ? 'A read-only token is enough'
              : account
                ? accountSentence(account, isMac())
                : 'Checking…'
          }
        >
          <Button
            writes
            size="small"
            aria-label={isFirst ? 'Set token…' : 'Change token…'}
            reason={account && fixedBecause(account)}
            onClick={() => setAsking(true)}
          >
            {isFirst ? 'Set token…' : 'Change…'}
          </Button>
        </Step>
        <Step
          number={2}
          state={isFirst ? 'later' : 'now'}
          title={`Accept the license on ${host}`}
          detail={
            isFirst ? 'Finish step 1 first' : 'Checked again when you come back to this window'
          }
        >
          <ExternalLink href={page} className={classNames(LINK_BUTTON, SMALL)}>
            Open page
          </ExternalLink>
        </Step>
        <Step
          number={3}
          state="later"
          title={`Download ${formatDisk(sizeBytes)}`}
          detail={isFirst ? 'Finish steps 1 and 2 first' : 'Finish step 2 first'}
        >
          <Button
            size="small"
            aria-label={`Download ${model.ref}`}
            reason={isFirst ? 'Finish steps 1 and 2 first' : 'Finish step 2 first'}
          >
            Download
          </Button>
        </Step>
      </ol>
      {asking && account && <TokenDialog account={account} onClose={() => setAsking(false)} />}
    </section>
  );
}

const SMALL = 'h-[22px]! px-2! text-small!';

interface StepProps {
  readonly number: number;
  readonly state: 'done' | 'now' | 'later';
  readonly title: string;
  readonly detail: string;
  readonly children: ReactNode;
}

const DISCS = {
  done: 'bg-ready-tint text-ready-text',
  now: 'border-[1.5px] border-accent text-accent-text',
  later: 'bg-off-tint text-off-text',
} as const;

function Step({ number, state, title, detail, children }: StepProps) {
  return (
    <li
      className="flex min-h-12 items-center gap-2.5 py-1.5"
      aria-current={state === 'now' && 'step'}
    >
      <span
        className={classNames(
          'flex size-6 shrink-0 items-center justify-center rounded-full text-small font-semibold',
          DISCS[state],
        )}
      >
        {state === 'done' ? (
          <Check role="img" aria-label="Done" size={14} strokeWidth={2} />
        ) : (
          number
        )}
      </span>
      <span className="min-w-0 flex-1">
        <span className="block">{title}</span>
        <span className="block text-caption text-text-2 wrap-anywhere">{detail}</span>
      </span>
      {children}
    </li>
  );
}

/** Looks again when the person is back from elsewhere. */
function useOnReturn(wanted: boolean, look: () => void): void {
  useEffect(() => {
    if (!wanted) return;
    const onFocus = (): void => look();
    window.addEventListener('focus', onFocus);
    return () => window.removeEventListener('focus', onFocus);
  }, [wanted, look]);
}
