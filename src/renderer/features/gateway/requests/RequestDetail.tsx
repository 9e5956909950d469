import type { ReactNode } from 'react';

import { Badge } from '@renderer/components/Badge';
import { ErrorBlock } from '@renderer/components/ErrorBlock';
import { type Fact, Facts } from '@renderer/components/Facts';
import { Meter } from '@renderer/components/Meter';
import { Section } from '@renderer/components/Pane';
import { useRpcQuery } from '@renderer/queries/use-rpc';
import { routeHref } from '@renderer/routing/route';
import { causeLabel, endingOf, operationText, shortId } from '@renderer/text/gateway-text';
import type { GatewayRequest } from '@shared/domain/gateway-records';
import { formatNumber, formatTokenSpeed } from '@shared/format/counts';
import { formatClock, formatDay } from '@shared/format/dates';
import { formatMilliseconds } from '@shared/format/durations';
import { phasesOf } from './phases';

/** Everything that is kept of one request. */
export function RequestDetail({ request }: { readonly request: GatewayRequest }) {
  const { client, profile, time, totalMs, error, status } = request;
  const { glyph, label } = endingOf(request);
  return (
    <div className="p-5 pt-0">
      <div className="flex flex-wrap items-center gap-2 pr-6">
        <h2 className="text-inspector font-semibold">Request</h2>
        <Badge glyph={glyph ?? (request.ending === 'aborted' ? 'stopped' : 'ok')}>{label}</Badge>
      </div>
      <p className="mt-1 text-small wrap-anywhere text-text-2">
        {`${client} · ${profile} · ${formatDay(time)}:${formatClock(time, true).slice(-2)}, took ${formatMilliseconds(totalMs)}`}
      </p>
      {error && (
        <ErrorBlock
          className="mt-4"
          tone={request.ending === 'failed' ? 'broken' : 'warning'}
          sentence={error.message}
          detail={`${status}, ${error.code}`}
        />
      )}
      <Timing request={request} />
      <Tokens request={request} />
      <Prefix request={request} />
      <Changes changes={request.changes} />
      <Section>
        <Facts facts={useFacts(request)} />
      </Section>
    </div>
  );
}

/** Its phases on one scale, with a line at the first token. */
function Timing({ request }: { readonly request: GatewayRequest }) {
  const { parts, total, firstToken } = phasesOf(request);
  if (parts.length === 0) return null;
  const share = (ms: number): string => `${(ms / total) * 100}%`;
  return (
    <Section
      title="Timing"
      right={firstToken !== undefined && `First token ${formatMilliseconds(firstToken)}`}
    >
      {parts.map(({ label, start, ms, colour }) => (
        <div
          key={label}
          className="grid h-[22px] grid-cols-[56px_1fr_64px] items-center text-small"
        >
          <span className="text-text-2">{label}</span>
          <span className="relative h-2 rounded-full bg-track">
            <span
              className={`absolute top-0 h-full rounded-[2px] ${colour}`}
              style={{ left: share(start), width: share(ms) }}
            />
            {firstToken !== undefined && (
              <span
                className="absolute -top-[7px] h-[22px] w-px bg-text-1"
                style={{ left: share(firstToken) }}
              />
            )}
          </span>
          <span className="text-right">{formatMilliseconds(ms)}</span>
        </div>
      ))}
    </Section>
  );
}

function Tokens({ request }: { readonly request: GatewayRequest }) {
  const { promptTokens, cachedTokens, answerTokens, tokensPerSecond } = request;
  if (promptTokens === undefined && answerTokens === undefined) return null;
  const sum = [
    ...(promptTokens === undefined ? [] : [`${formatNumber(promptTokens)} in`]),
    ...(answerTokens === undefined ? [] : [`${formatNumber(answerTokens)} out`]),
  ].join(', ');
  return (
    <Section title="Tokens" right={sum}>
      {promptTokens !== undefined && cachedTokens !== undefined && promptTokens > 0 && (
        <>
          <Meter
            height={8}
            total={promptTokens}
            label={`Prompt: ${formatNumber(cachedTokens)} tokens reused, ${formatNumber(promptTokens - cachedTokens)} computed`}
            parts={[
              { label: 'reused', value: cachedTokens, colour: 'bg-memory-1' },
              { label: 'computed', value: promptTokens - cachedTokens, colour: 'bg-memory-3' },
            ]}
          />
          <p className="mt-2 flex flex-wrap gap-x-4 gap-y-1 text-caption text-text-2">
            <Legend colour="bg-memory-1">Reused {formatNumber(cachedTokens)}</Legend>
            <Legend colour="bg-memory-3">
              Computed {formatNumber(promptTokens - cachedTokens)}
            </Legend>
          </p>
        </>
      )}
      {request.ending === 'answered' &&
        promptTokens !== undefined &&
        cachedTokens === undefined && (
          <p className="text-text-2">The engine doesn't say how much of the prompt it reused.</p>
        )}
      {tokensPerSecond !== undefined && (
        <p className="mt-2 text-text-2">Generation {formatTokenSpeed(tokensPerSecond)}</p>
      )}
    </Section>
  );
}

function Legend({ colour, children }: { readonly colour: string; readonly children: ReactNode }) {
  return (
    <span className="flex items-center gap-1.5">
      <i className={`size-2 rounded-xs ${colour}`} />
      {children}
    </span>
  );
}

/** What became of the session's common beginning. */
function Prefix({ request: { prefix } }: { readonly request: GatewayRequest }) {
  if (!prefix) return null;
  return (
    <Section title="Prompt cache" right={causeLabel(prefix.cause)}>
      <p className="selectable text-text-2">{prefix.message}</p>
      {prefix.mend && <p className="selectable mt-1 text-text-2">{prefix.mend}</p>}
    </Section>
  );
}

/** What the gateway changed before it sent the request on. */
function Changes({ changes }: { readonly changes: readonly string[] }) {
  return (
    <Section title="Changed on the way" right={changes.length > 0 && changes.length}>
      {changes.length === 0 ? (
        <p className="text-text-2">Sent as received.</p>
      ) : (
        <ul className="selectable [&>*+*]:mt-1.5 [&>*+*]:border-t [&>*+*]:border-sep [&>*+*]:pt-1.5">
          {changes.map((change) => (
            <li key={change} className="wrap-anywhere">
              {change}
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

function useFacts(request: GatewayRequest): Fact[] {
  const { session, stop, keyId, queueMs, loadMs, id } = request;
  const keys = useRpcQuery('gateway.keys', undefined, { enabled: keyId !== undefined });
  const key = keys.data?.find((one) => one.id === keyId)?.name ?? keyId;
  return [
    ...(session === undefined
      ? []
      : [
          {
            label: 'Session',
            value: (
              <a
                href={routeHref('gateway', ['sessions', session])}
                title={session}
                className="text-accent-text"
              >
                {shortId(session)}
              </a>
            ),
          },
        ]),
    { label: 'Kind', value: operationText(request) },
    ...(stop === undefined ? [] : [{ label: 'Stop reason', value: <code>{stop}</code> }]),
    { label: 'Waiting', value: formatMilliseconds(queueMs + loadMs) },
    { label: 'Key', value: key ?? 'None' },
    { label: 'ID', value: <code className="font-mono text-small">{id}</code> },
  ];
}
