import { Server, Workflow } from 'lucide-react';

import { Badge } from '@renderer/components/Badge';
import { Button } from '@renderer/components/Button';
import { CopyButton } from '@renderer/components/CopyButton';
import { EmptyState } from '@renderer/components/EmptyState';
import { ErrorBlock, errorSentence } from '@renderer/components/ErrorBlock';
import { useLive } from '@renderer/live/use-live';
import { useRpcCommand, useRpcQuery } from '@renderer/queries/use-rpc';
import { useGo } from '@renderer/routing/route';
import { gatewayHost, gatewayState } from '@renderer/text/gateway-text';
import type { GatewayStatus } from '@shared/domain/gateway-status';
import { Connect } from './Connect';
import { Figures } from './Figures';
import { NameList } from './NameList';

/** Where programs reach the gateway, how it does, and what they can ask for. */
export function OverviewTab() {
  const status = useLive((data) => data.gateway);
  // What a model can hold may change without an event.
  const names = useRpcQuery('gateway.names', undefined, { fresh: true });
  if (status.state === 'off') return <TurnedOff />;
  if (names.data?.length === 0 && status.state === 'listening') {
    return <NoProfiles status={status} />;
  }
  return (
    <div className="@container h-full overflow-y-auto" data-scrolls="">
      <div className="flex flex-col gap-x-8 gap-y-6 px-6 pt-2 pb-8 narrow:px-5 @min-[1000px]:flex-row">
        <div className="min-w-0 flex-1">
          <Address status={status} />
          {status.failure && <FailureBlock sentence={status.failure.message} />}
          <Figures />
          {names.error && <ErrorBlock className="mt-4" sentence={errorSentence(names.error)} />}
          {names.data && <NameList names={names.data} />}
        </div>
        <div className="min-w-0 @min-[1000px]:w-[400px] @min-[1000px]:shrink-0 @min-[1000px]:border-l @min-[1000px]:border-sep @min-[1000px]:pl-8">
          <Connect status={status} names={names.data ?? []} />
        </div>
      </div>
    </div>
  );
}

/** The address as programs want it. */
function Address({ status }: { readonly status: GatewayStatus }) {
  const { glyph, label } = gatewayState(status);
  const url = `${status.url ?? `http://127.0.0.1:${status.port}`}/v1`;
  return (
    <>
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <span className="flex min-w-0 items-center gap-2">
          <code className="selectable min-w-0 font-mono text-[17px] leading-[26px] wrap-anywhere narrow:text-toolbar">
            {url}
          </code>
          {status.url && <CopyButton text={url} label="Copy gateway address" />}
        </span>
        <Badge glyph={glyph}>{label}</Badge>
      </div>
      <p className="mt-1 text-text-2">
        OpenAI at <code className="font-mono text-small">/v1/chat/completions</code> and{' '}
        <code className="font-mono text-small">/v1/responses</code>, Anthropic at{' '}
        <code className="font-mono text-small">/v1/messages</code>. Only programs on this machine
        can reach it.
      </p>
    </>
  );
}

/** Why it does not listen; nothing is ended and no other port is taken. */
function FailureBlock({ sentence }: { readonly sentence: string }) {
  const retry = useRpcCommand('gateway.retry');
  const go = useGo();
  return (
    <ErrorBlock
      className="mt-4"
      sentence={sentence}
      detail={
        retry.error
          ? errorSentence(retry.error)
          : 'Servers keep running, but nothing reaches them through the gateway.'
      }
      actions={
        <>
          <Button
            writes
            kind="primary"
            busy={retry.isPending}
            onClick={() => retry.mutate(undefined)}
          >
            Try again
          </Button>
          <Button onClick={() => go('settings', [], { field: 'gatewayPort' })}>Change port</Button>
        </>
      }
    />
  );
}

function TurnedOff() {
  const enabled = useLive((data) => data.settings.gatewayEnabled);
  const change = useRpcCommand('settings.set');
  return (
    <EmptyState
      icon={<Workflow size={32} strokeWidth={1.5} />}
      title="The gateway is off"
      actions={
        !enabled && (
          <Button
            writes
            kind="primary"
            busy={change.isPending}
            onClick={() => change.mutate({ key: 'gatewayEnabled', value: true })}
          >
            Turn on gateway
          </Button>
        )
      }
    >
      {change.error
        ? errorSentence(change.error)
        : enabled
          ? 'MLX Manager was started without the gateway. Each server still answers on its own port.'
          : 'Each server still answers on its own port.'}
    </EmptyState>
  );
}

function NoProfiles({ status }: { readonly status: GatewayStatus }) {
  const go = useGo();
  return (
    <EmptyState
      icon={<Server size={32} strokeWidth={1.5} />}
      title="No profiles to answer with"
      actions={
        <Button kind="primary" onClick={() => go('servers')}>
          Set up a server
        </Button>
      }
    >
      {`The gateway is on at ${gatewayHost(status) ?? ''}. Programs see an empty list of models until you create a profile.`}
    </EmptyState>
  );
}
