import { Badge } from '@renderer/components/Badge';
import { ErrorBlock } from '@renderer/components/ErrorBlock';
import { type Fact, Facts } from '@renderer/components/Facts';
import { Section } from '@renderer/components/Pane';
import { routeHref } from '@renderer/routing/route';
import { causeLabel, msText, reusedText } from '@renderer/text/gateway-text';
import type { GatewaySession } from '@shared/domain/gateway-records';
import { formatCount, formatNumber } from '@shared/format/counts';
import { formatClock } from '@shared/format/dates';
import { formatShortDuration } from '@shared/format/durations';
import type { Turn } from './session-rows';

interface TurnDetailProps {
  readonly turn: Turn;
  readonly session: GatewaySession;
}

/** What became of the common beginning of one request, what that cost, and what mends it. */
export function TurnDetail({ turn, session }: TurnDetailProps) {
  const { number, request } = turn;
  const { prefix, error } = request;
  const lost = prefix?.secondsAgain ?? 0;
  return (
    <div className="p-5 pt-0">
      <div className="flex flex-wrap items-center gap-2 pr-6">
        <h2 className="text-inspector font-semibold">Request {number}</h2>
        {lost > 0 && <Badge glyph="degraded">{`Lost ${formatShortDuration(lost)}`}</Badge>}
      </div>
      <p className="mt-1 text-small text-text-2">
        {[
          formatClock(request.time, true),
          ...(request.firstTokenMs === undefined
            ? []
            : [`first token ${msText(request.firstTokenMs)}`]),
        ].join(' · ')}{' '}
        ·{' '}
        <a
          href={routeHref('gateway', ['requests'], { request: request.id })}
          className="text-accent-text underline"
        >
          Show request
        </a>
      </p>
      {error && <ErrorBlock className="mt-4" sentence={error.message} detail={error.code} />}
      {prefix ? (
        <>
          <Section title={causeLabel(prefix.cause, prefix.part)}>
            <p className="selectable text-text-2">{prefix.message}</p>
          </Section>
          <Section title="What it cost">
            <Facts facts={costsOf(turn, session)} />
            {prefix.isEstimate && (
              <p className="mt-1 text-caption text-text-3">
                Estimated: the engine doesn't say how much it reused.
              </p>
            )}
          </Section>
          {prefix.mend && (
            <Section title="What helps">
              <p className="selectable text-text-2">{prefix.mend}</p>
            </Section>
          )}
        </>
      ) : (
        !error && (
          <p className="mt-3 text-text-2">
            {number === 1
              ? 'The first request of a session has nothing to reuse.'
              : 'Nothing is known of what this request could have reused.'}
          </p>
        )
      )}
      <p className="mt-5 text-caption text-text-3">
        Prompts are compared in memory. Their text isn't written to disk.
      </p>
    </div>
  );
}

function costsOf({ request }: Turn, session: GatewaySession): Fact[] {
  const { prefix } = request;
  const whole = session.causes.find(({ cause }) => cause === prefix?.cause);
  const reused = reusedText(request);
  return [
    ...(reused === undefined ? [] : [{ label: 'Prompt', value: reused }]),
    {
      label: 'This request',
      value: costText(prefix?.tokensAgain ?? 0, prefix?.secondsAgain),
    },
    ...(whole
      ? [
          {
            label: 'This session',
            value: `${costText(whole.tokensAgain, whole.secondsAgain)}, in ${formatCount(whole.requests, 'request')}`,
          },
        ]
      : []),
  ];
}

function costText(tokens: number, seconds: number | undefined): string {
  const again = `${formatNumber(tokens)} tokens computed again`;
  return seconds === undefined || seconds === 0
    ? again
    : `${formatShortDuration(seconds)}, ${again}`;
}
