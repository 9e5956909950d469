import type { Ref } from 'react';

import { Meter } from '@renderer/components/Meter';
import { type GridColumn, RowGrid } from '@renderer/components/RowGrid';
import { StateGlyph } from '@renderer/components/StateGlyph';
import { causeLabel, endingOf, tokensText } from '@renderer/text/gateway-text';
import { formatNumber } from '@shared/format/counts';
import { formatClock } from '@shared/format/dates';
import { formatShortDuration } from '@shared/format/durations';
import type { Turn } from './session-rows';

const MIDDLE = 'hidden @min-[520px]:block';
const WIDE = 'hidden @min-[720px]:block';
const TEMPLATE =
  'grid-cols-[28px_58px_54px_minmax(0,1fr)] @min-[520px]:grid-cols-[28px_58px_54px_minmax(0,1fr)_64px_152px] @min-[720px]:grid-cols-[28px_58px_54px_minmax(0,1fr)_96px_64px_168px]';

/** Prompts of all rows on one scale. */
function columnsFor(longest: number): readonly GridColumn<Turn>[] {
  return [
    {
      id: 'number',
      head: <span title="Number of the request">#</span>,
      cell: ({ number }) => number,
    },
    { id: 'time', head: 'Time', cell: ({ request }) => formatClock(request.time, true) },
    {
      id: 'prompt',
      head: 'Prompt',
      numeric: true,
      cell: ({ request }) => tokensText(request.promptTokens),
    },
    {
      id: 'bar',
      head: <span className="sr-only">Prompt in parts</span>,
      cell: (turn) => <PromptBar turn={turn} longest={longest} />,
    },
    {
      id: 'again',
      head: 'Computed again',
      numeric: true,
      className: WIDE,
      cell: ({ tokens }) => tokens && formatNumber(tokens.again),
    },
    {
      id: 'lost',
      head: 'Time lost',
      numeric: true,
      className: MIDDLE,
      cell: ({ request: { prefix } }) =>
        prefix?.secondsAgain ? formatShortDuration(prefix.secondsAgain) : '',
    },
    {
      id: 'cause',
      head: 'Prefix broke at',
      className: MIDDLE,
      cell: (turn) => <Broke turn={turn} />,
    },
  ];
}

/** What the colors of the prompts mean. */
export function PromptLegend() {
  return (
    <p className="flex flex-wrap gap-x-4 gap-y-1 pb-1.5 text-caption text-text-2">
      {[
        ['bg-memory-1', 'Reused'],
        ['bg-warning-glyph', 'Computed again'],
        ['bg-memory-4', 'New'],
      ].map(([colour, word]) => (
        <span key={word} className="flex items-center gap-1.5">
          <i className={`size-2 rounded-xs ${colour}`} />
          {word}
        </span>
      ))}
    </p>
  );
}

/** A prompt in its parts; empty where the engine did not say what it reused. */
function PromptBar({
  turn: { tokens },
  longest,
}: {
  readonly turn: Turn;
  readonly longest: number;
}) {
  if (!tokens) return null;
  const { reused, again, fresh } = tokens;
  return (
    <Meter
      bare
      height={8}
      total={longest}
      label={`${formatNumber(reused)} reused, ${formatNumber(again)} computed again, ${formatNumber(fresh)} new`}
      parts={[
        { label: 'reused', value: reused, colour: 'bg-memory-1' },
        { label: 'again', value: again, colour: 'bg-warning-glyph' },
        { label: 'new', value: fresh, colour: 'bg-memory-4' },
      ]}
    />
  );
}

function Broke({ turn: { request } }: { readonly turn: Turn }) {
  const { prefix, ending } = request;
  if (ending !== 'answered') {
    const { glyph, label } = endingOf(request);
    return (
      <span
        className={`flex min-w-0 items-center gap-1.5 ${ending === 'failed' ? 'text-broken-text' : 'text-text-2'}`}
      >
        {glyph && <StateGlyph glyph={glyph} size={12} />}
        <span className="truncate">{label}</span>
      </span>
    );
  }
  if (!prefix || prefix.cause === 'none') return null;
  return (
    <span className="block truncate text-text-2">{causeLabel(prefix.cause, prefix.part)}</span>
  );
}

interface TurnTableProps {
  readonly turns: readonly Turn[];
  readonly selected: string | undefined;
  readonly onSelect: (id: string) => void;
  readonly onOpen: (id: string) => void;
  readonly onClose: () => void;
  readonly ref: Ref<HTMLDivElement>;
}

const idOf = ({ id }: Turn): string => id;

/** The requests of a session, the oldest first. */
export function TurnTable({ turns, ...rest }: TurnTableProps) {
  const longest = Math.max(1, ...turns.map(({ request }) => request.promptTokens ?? 0));
  return (
    <div className="@container">
      <RowGrid
        {...rest}
        label="Requests of this session"
        columns={columnsFor(longest)}
        template={TEMPLATE}
        rowClassName="h-7"
        rows={turns}
        idOf={idOf}
      />
    </div>
  );
}
