import { useMemo } from 'react';

import { useMinute } from '@renderer/components/use-minute';
import { lastHour } from '@renderer/domain/gateway/speed';
import { RECENT, useRecentRequests } from '@renderer/domain/gateway/use-recent';
import { useLive } from '@renderer/live/use-live';
import { useRpcQuery } from '@renderer/queries/use-rpc';
import { formatNumber, formatPercent, formatTokenSpeed } from '@shared/format/counts';

/** What is under way is asked for so often while it is shown, ms. */
const LOAD_MS = 1000;

/** What the gateway has to do now, and what went through it in the last hour. */
export function Figures() {
  const listens = useLive((data) => data.gateway.state === 'listening');
  const load = useRpcQuery('gateway.load', undefined, { enabled: listens, everyMs: LOAD_MS });
  const requests = useRecentRequests();
  const now = useMinute();
  const hour = useMemo(() => lastHour(requests, now, RECENT), [requests, now]);
  const more = hour.isMore ? '+' : '';
  const under = listens ? load.data : undefined;
  return (
    <dl className="my-4 grid grid-cols-3 @min-[780px]:grid-cols-6 gap-x-3 gap-y-2 border-y border-sep py-3">
      <Figure label="Under way" value={under && formatNumber(under.underWay)} />
      <Figure label="Waiting" value={under && formatNumber(under.waiting)} />
      <Figure label="Generation" value={hour.speed && formatTokenSpeed(hour.speed.median)} />
      <Figure
        label="Reused"
        value={hour.reuse === undefined ? undefined : formatPercent(hour.reuse)}
      />
      <Figure label="Requests, last hour" value={`${formatNumber(hour.requests)}${more}`} />
      <Figure
        label="Failed, last hour"
        value={`${formatNumber(hour.failed)}${more && hour.failed > 0 ? '+' : ''}`}
      />
    </dl>
  );
}

/** One number; a dash where it was not measured. */
function Figure({ label, value }: { readonly label: string; readonly value: string | undefined }) {
  return (
    <div className="min-w-0">
      <dt className="truncate text-caption text-text-2">{label}</dt>
      <dd className="truncate text-[17px] leading-[22px]">
        {value ?? (
          <>
            <span aria-hidden="true" className="text-text-3">
              –
            </span>
            <span className="sr-only">not known</span>
          </>
        )}
      </dd>
    </div>
  );
}
