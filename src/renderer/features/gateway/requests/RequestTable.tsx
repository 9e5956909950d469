import type { Ref } from 'react';

import { classNames } from '@renderer/components/class-names';
import { type GridColumn, RowGrid } from '@renderer/components/RowGrid';
import { ShortenedName } from '@renderer/components/ShortenedName';
import { StateGlyph } from '@renderer/components/StateGlyph';
import { endingOf, msText, reusedText, shortId, tokensText } from '@renderer/text/gateway-text';
import type { GatewayRequest } from '@shared/domain/gateway-records';
import { formatClock } from '@shared/format/dates';

/** Columns that a narrower pane has no room for; in one without room for more, four of them stay. */
const MIDDLE = 'hidden @min-[560px]:block';
const WIDE = 'hidden @min-[780px]:block';
const TEMPLATE =
  'grid-cols-[58px_minmax(0,1fr)_54px_96px] @min-[560px]:grid-cols-[58px_minmax(0,1fr)_minmax(0,1fr)_54px_44px_104px] @min-[780px]:grid-cols-[58px_minmax(0,1fr)_64px_minmax(0,1fr)_54px_44px_52px_66px_44px_104px]';

/** How a request ended, with its shape where it is no answer. */
export function EndingText({ request }: { readonly request: GatewayRequest }) {
  const { glyph, label } = endingOf(request);
  return (
    <span
      className={classNames(
        'flex min-w-0 items-center gap-1.5',
        request.ending === 'failed' ? 'text-broken-text' : 'text-text-2',
      )}
    >
      {glyph && <StateGlyph glyph={glyph} size={12} />}
      <span className="truncate">{label}</span>
    </span>
  );
}

/** How much of a prompt was reused, 44x6; nothing where the engine did not say. */
function ReuseBar({ request }: { readonly request: GatewayRequest }) {
  const { promptTokens = 0, cachedTokens = 0 } = request;
  const text = reusedText(request);
  if (text === undefined) return null;
  const share = promptTokens > 0 ? Math.min(1, cachedTokens / promptTokens) : 0;
  return (
    <span
      role="img"
      aria-label={text}
      title={text}
      className="block h-1.5 w-11 overflow-hidden rounded-full bg-track"
    >
      <span className="block h-full bg-memory-1" style={{ width: `${share * 100}%` }} />
    </span>
  );
}

const COLUMNS: readonly GridColumn<GatewayRequest>[] = [
  { id: 'time', head: 'Time', cell: ({ time }) => formatClock(time, true) },
  { id: 'client', head: 'Client', cell: ({ client }) => <ShortenedName name={client} /> },
  {
    id: 'session',
    head: 'Session',
    className: WIDE,
    cell: ({ session }) =>
      session && (
        <span className="block truncate text-text-2" title={session}>
          {shortId(session)}
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
    id: 'prompt',
    head: 'Prompt',
    numeric: true,
    cell: ({ promptTokens }) => tokensText(promptTokens),
  },
  {
    id: 'reused',
    head: 'Reused',
    className: MIDDLE,
    cell: (request) => <ReuseBar request={request} />,
  },
  {
    id: 'answer',
    head: 'Answer',
    numeric: true,
    className: WIDE,
    cell: ({ answerTokens }) => tokensText(answerTokens),
  },
  {
    id: 'first',
    head: 'First token',
    numeric: true,
    className: WIDE,
    cell: ({ firstTokenMs }) => msText(firstTokenMs),
  },
  {
    id: 'speed',
    head: 'tok/s',
    numeric: true,
    className: WIDE,
    cell: ({ tokensPerSecond }) => tokensPerSecond?.toFixed(1),
  },
  { id: 'status', head: 'Status', cell: (request) => <EndingText request={request} /> },
];

interface RequestTableProps {
  readonly requests: readonly GatewayRequest[];
  readonly selected: string | undefined;
  readonly onSelect: (id: string) => void;
  readonly onOpen: (id: string) => void;
  readonly onClose: () => void;
  readonly ref?: Ref<HTMLDivElement>;
}

const idOf = ({ id }: GatewayRequest): string => id;

/** What went through the gateway, the newest on top. */
export function RequestTable({ requests, ref, ...rest }: RequestTableProps) {
  return (
    <div className="@container">
      <RowGrid
        {...rest}
        {...(ref ? { ref } : {})}
        label="Requests"
        columns={COLUMNS}
        template={TEMPLATE}
        rows={requests}
        idOf={idOf}
      />
    </div>
  );
}
