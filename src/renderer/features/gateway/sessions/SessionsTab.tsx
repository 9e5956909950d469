import { History } from 'lucide-react';
import { useState } from 'react';

import { EmptyState } from '@renderer/components/EmptyState';
import { ErrorBlock, errorSentence } from '@renderer/components/ErrorBlock';
import { type GridColumn, RowGrid } from '@renderer/components/RowGrid';
import { ShortenedName } from '@renderer/components/ShortenedName';
import { useRpcQuery } from '@renderer/queries/use-rpc';
import { useGo } from '@renderer/routing/route';
import { causeLabel, secondsLost, shortId } from '@renderer/text/gateway-text';
import type { GatewaySession } from '@shared/domain/gateway-records';
import { formatNumber, formatPercent } from '@shared/format/counts';
import { formatDay } from '@shared/format/dates';
import { formatShortDuration } from '@shared/format/durations';
import { worstFirst } from './session-rows';

const LIMIT = 200;

const MIDDLE = 'hidden @min-[560px]:block';
const WIDE = 'hidden @min-[780px]:block';
const TEMPLATE =
  'grid-cols-[minmax(0,1fr)_60px_76px] @min-[560px]:grid-cols-[minmax(0,1fr)_minmax(0,1fr)_60px_60px_76px_112px] @min-[780px]:grid-cols-[minmax(0,1fr)_72px_minmax(0,1fr)_60px_60px_76px_144px_128px]';

const COLUMNS: readonly GridColumn<GatewaySession>[] = [
  { id: 'client', head: 'Client', cell: ({ client }) => <ShortenedName name={client} /> },
  {
    id: 'session',
    head: 'Session',
    className: WIDE,
    cell: ({ id }) => (
      <span className="block truncate text-text-2" title={id}>
        {shortId(id)}
      </span>
    ),
  },
  {
    id: 'profile',
    head: 'Profile',
    className: MIDDLE,
    cell: ({ profile }) => <ShortenedName name={profile} />,
  },
  {
    id: 'requests',
    head: 'Requests',
    numeric: true,
    className: MIDDLE,
    cell: ({ requests }) => formatNumber(requests),
  },
  {
    id: 'reused',
    head: 'Reused',
    numeric: true,
    cell: ({ reuse }) => (reuse === undefined ? '' : formatPercent(reuse)),
  },
  {
    id: 'lost',
    head: 'Time lost',
    numeric: true,
    cell: (session) => {
      const seconds = secondsLost(session);
      return (
        seconds > 0 && <span className="text-warning-text">{formatShortDuration(seconds)}</span>
      );
    },
  },
  {
    id: 'cause',
    head: 'Mostly because of',
    className: MIDDLE,
    cell: ({ causes: [worst] }) => (
      <span className="block truncate text-text-2">{worst && causeLabel(worst.cause)}</span>
    ),
  },
  {
    id: 'last',
    head: 'Last used',
    className: WIDE,
    cell: ({ lastTime }) => <span className="text-text-2">{formatDay(lastTime)}</span>,
  },
];

const idOf = ({ id }: GatewaySession): string => id;

/** Conversations of programs, the one that lost most time first. */
export function SessionsTab() {
  const answer = useRpcQuery('gateway.sessions', { limit: LIMIT });
  const [chosen, setChosen] = useState<string>();
  const go = useGo();
  const sessions = worstFirst(answer.data ?? []);
  return (
    <div className="@container h-full overflow-y-auto" data-scrolls="">
      {answer.error && <ErrorBlock className="m-5" sentence={errorSentence(answer.error)} />}
      {sessions.length > 0 && (
        <RowGrid
          label="Sessions"
          columns={COLUMNS}
          template={TEMPLATE}
          rows={sessions}
          idOf={idOf}
          selected={chosen}
          onSelect={setChosen}
          onOpen={(id) => go('gateway', ['sessions', id])}
        />
      )}
      {answer.data?.length === 0 && (
        <EmptyState icon={<History size={32} strokeWidth={1.5} />} title="No sessions yet">
          Requests of one conversation are put together here, with how much of each prompt the
          engine could reuse and why it couldn't reuse more.
        </EmptyState>
      )}
    </div>
  );
}
