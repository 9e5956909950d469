import { useState } from 'react';

import { useClient } from '@renderer/api/api-context';
import { ConfirmDialog } from '@renderer/components/Dialog';
import { errorSentence } from '@renderer/components/ErrorBlock';
import { Switch } from '@renderer/components/Switch';
import { Tooltip } from '@renderer/components/Tooltip';
import { useLive } from '@renderer/live/use-live';
import { useRpcCommand } from '@renderer/queries/use-rpc';
import { formatCount } from '@shared/format/counts';

/** The gateway on and off; asks once before it cuts requests off. */
export function GatewaySwitch() {
  const client = useClient();
  const enabled = useLive((data) => data.settings.gatewayEnabled);
  const state = useLive((data) => data.gateway.state);
  const change = useRpcCommand('settings.set');
  const [atStake, setAtStake] = useState<number>();
  const [problem, setProblem] = useState<string>();
  const set = (value: boolean): void =>
    change.mutate(
      { key: 'gatewayEnabled', value },
      {
        onSuccess: () => setAtStake(undefined),
        onError: (error) => setProblem(errorSentence(error)),
      },
    );
  const turn = (on: boolean): void => {
    setProblem(undefined);
    if (on) {
      set(true);
      return;
    }
    client.call('gateway.load').then(
      ({ underWay, waiting }) => {
        if (underWay + waiting === 0) set(false);
        else setAtStake(underWay + waiting);
      },
      (error: unknown) => setProblem(errorSentence(error)),
    );
  };
  const isOn = state !== 'off';
  return (
    <span className="flex shrink-0 items-center gap-2 text-small text-text-2">
      {problem && atStake === undefined && (
        <span role="alert" className="max-w-40 truncate text-broken-text" title={problem}>
          {problem}
        </span>
      )}
      <span className="tiny:sr-only">{isOn ? 'On' : 'Off'}</span>
      <Tooltip text={enabled && !isOn && 'MLX Manager was started without the gateway'}>
        <span className="flex">
          <Switch
            writes
            aria-label="Gateway"
            checked={isOn}
            disabled={enabled && !isOn}
            onChange={turn}
          />
        </span>
      </Tooltip>
      {atStake !== undefined && (
        <ConfirmDialog
          open
          onOpenChange={() => setAtStake(undefined)}
          title="Turn off the gateway?"
          confirmLabel="Turn off gateway"
          busy={change.isPending}
          problem={problem}
          onConfirm={() => set(false)}
        >
          {`${formatCount(atStake, 'request')} under way will be cut off. Servers keep running and answer on their own ports.`}
        </ConfirmDialog>
      )}
    </span>
  );
}
