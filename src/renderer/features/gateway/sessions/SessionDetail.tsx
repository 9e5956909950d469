import { ChevronLeft } from 'lucide-react';
import { useRef, useState } from 'react';
import { flushSync } from 'react-dom';

import { IconButton } from '@renderer/components/Button';
import { classNames } from '@renderer/components/class-names';
import { CloseDetails } from '@renderer/components/CloseDetails';
import { ErrorBlock, errorSentence } from '@renderer/components/ErrorBlock';
import { Inspector, useInspector } from '@renderer/components/Inspector';
import { InspectorSlot } from '@renderer/components/InspectorSlot';
import { useRpcQuery } from '@renderer/queries/use-rpc';
import { useGo } from '@renderer/routing/route';
import {
  causeLabel,
  dayInText,
  secondsLost,
  shortId,
  tokensAgain,
} from '@renderer/text/gateway-text';
import type { GatewaySession, GatewaySessionDetail } from '@shared/domain/gateway-records';
import { formatCount, formatNumber, formatPercent } from '@shared/format/counts';
import { formatShortDuration } from '@shared/format/durations';
import { turnsOf } from './session-rows';
import { TurnDetail } from './TurnDetail';
import { PromptLegend, TurnTable } from './TurnTable';

/** One conversation: its requests, and what became of each one's common beginning. */
export function SessionDetail({ id }: { readonly id: string }) {
  const answer = useRpcQuery('gateway.session', { id }, { keep: true });
  const go = useGo();
  const back = (
    <IconButton label="All sessions" onClick={() => go('gateway', ['sessions'])}>
      <ChevronLeft size={16} strokeWidth={1.5} />
    </IconButton>
  );
  if (!answer.data) {
    return (
      <div className="flex items-start gap-2 px-5 pt-1">
        {back}
        {answer.error && <ErrorBlock className="flex-1" sentence={errorSentence(answer.error)} />}
      </div>
    );
  }
  return <Detail detail={answer.data} back={back} />;
}

interface DetailProps {
  readonly detail: GatewaySessionDetail;
  readonly back: React.ReactNode;
}

function Detail({ detail: { session, requests }, back }: DetailProps) {
  const turns = turnsOf(session, requests);
  const [chosen, setChosen] = useState<string>();
  const inspector = useInspector();
  const table = useRef<HTMLDivElement>(null);
  const selected = turns.find(({ id }) => id === chosen);
  const leave = (): void => {
    // The table is there again before it gets the focus.
    flushSync(() => {
      setChosen(undefined);
      inspector.setOpen(inspector.place === 'column');
    });
    table.current?.focus();
  };
  return (
    <div
      className={classNames(
        'h-full overflow-y-auto',
        selected && inspector.open && 'tiny:invisible',
      )}
      data-scrolls=""
    >
      <div className="px-5 pt-1">
        <div className="flex min-w-0 items-center gap-2">
          {back}
          <h2 className="truncate text-title font-semibold">{session.client}</h2>
          <code
            title={session.id}
            className="shrink-0 rounded-tag bg-fill-1 px-1.5 font-mono text-caption text-text-2"
          >
            {shortId(session.id)}
          </code>
        </div>
        <p className="mt-0.5 text-small text-text-2">
          {`${session.profile} · ${formatCount(session.requests, 'request')} since ${dayInText(session.firstTime)}`}
        </p>
        <Figures session={session} />
        <Causes session={session} />
        <PromptLegend />
      </div>
      <TurnTable
        ref={table}
        turns={turns}
        selected={selected?.id}
        onSelect={setChosen}
        onOpen={(id) => {
          setChosen(id);
          inspector.setOpen(true);
        }}
        onClose={leave}
      />
      {requests.length < session.requests && (
        <p className="px-5 pb-4 text-caption text-text-3">
          {`The newest ${formatNumber(requests.length)} of ${formatCount(session.requests, 'request')}`}
        </p>
      )}
      {selected && inspector.open && (
        <InspectorSlot>
          <Inspector
            label={`Request ${selected.number}`}
            takesOver
            place={inspector.place}
            onClose={leave}
            toolbar={<CloseDetails onClose={leave} />}
          >
            <TurnDetail key={selected.id} turn={selected} session={session} />
          </Inspector>
        </InspectorSlot>
      )}
    </div>
  );
}

function Figures({ session }: { readonly session: GatewaySession }) {
  const lost = secondsLost(session);
  const affected = session.causes.reduce((sum, { requests }) => sum + requests, 0);
  const figures = [
    {
      label: 'Reused',
      value: session.reuse === undefined ? 'Not known' : formatPercent(session.reuse),
    },
    { label: 'Computed again', value: formatCount(tokensAgain(session), 'token') },
    { label: 'Time lost', value: formatShortDuration(lost), warns: lost >= 1 },
    { label: 'Requests affected', value: `${affected} of ${formatNumber(session.requests)}` },
  ];
  return (
    <dl className="mt-3 grid grid-cols-[repeat(auto-fit,minmax(112px,1fr))] gap-x-3 gap-y-2 border-y border-sep py-3">
      {figures.map(({ label, value, warns }) => (
        <div key={label} className="min-w-0">
          <dt className="truncate text-caption text-text-2">{label}</dt>
          <dd className={`truncate text-[17px] leading-[22px] ${warns ? 'text-warning-text' : ''}`}>
            {value}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** What the session lost its common beginning to, the most expensive first. */
function Causes({ session: { causes } }: { readonly session: GatewaySession }) {
  if (causes.length === 0) {
    return <p className="py-3 text-text-2">Every request reused what it could.</p>;
  }
  return (
    <ul aria-label="Causes" className="py-3">
      {causes.map(({ cause, requests, tokensAgain: again, secondsAgain }) => (
        <li key={cause} className="flex flex-wrap gap-x-2">
          <span>{causeLabel(cause)}</span>
          <span className="text-text-2">
            {`${formatCount(requests, 'request')}, ${formatCount(again, 'token')} computed again${secondsAgain > 0 ? `, ${formatShortDuration(secondsAgain)} lost` : ''}`}
          </span>
        </li>
      ))}
    </ul>
  );
}
