import type { DoctorCheck } from '@shared/contract';
import type { GatewayStatus } from '@shared/domain/gateway-status';
import type { Settings } from '@shared/domain/settings';
import { makeAction } from '@shared/errors/action';

import type { PortHolder, Processes } from '../ports/processes';
import { checkPort } from '../processes/port-holder';

export interface GatewayDoctorSources {
  readonly gateway: GatewayStatus;
  readonly settings: Pick<Settings, 'gatewayEnabled' | 'gatewayPort'>;
  readonly processes: Processes;
}

const id = 'gateway';

/** Whether programs reach the gateway; where no manager runs, whether its port is free for the next one. */
export async function checkGateway(sources: GatewayDoctorSources): Promise<DoctorCheck> {
  const { state, url, port, failure } = sources.gateway;
  switch (state) {
    case 'listening':
      return { id, state: 'ok', message: `The gateway listens at ${url}` };
    case 'starting':
      return { id, state: 'ok', message: `The gateway is starting on port ${port}` };
    case 'failed':
      return {
        id,
        state: 'warning',
        message: failure?.message ?? `The gateway can't listen on port ${port}.`,
        action: makeAction('gateway_port'),
      };
    case 'off':
      return checkOff(sources);
  }
}

async function checkOff({
  gateway,
  settings,
  processes,
}: GatewayDoctorSources): Promise<DoctorCheck> {
  const { gatewayEnabled, gatewayPort: port } = settings;
  if (!gatewayEnabled) return { id, state: 'ok', message: 'The gateway is off' };
  // A manager runs, and was started without it.
  if (gateway.port !== 0) return { id, state: 'ok', message: 'The gateway is off in this run' };
  const tried = await checkPort(processes, '127.0.0.1', port);
  if (tried.kind === 'free') return { id, state: 'ok', message: `The gateway uses port ${port}` };
  const message =
    tried.kind === 'taken'
      ? `Port ${port} of the gateway is in use by ${whoHolds(tried.holder)}`
      : `Can't listen on port ${port} of the gateway: ${tried.reason}`;
  return { id, state: 'warning', message, action: makeAction('gateway_port') };
}

function whoHolds(holder: PortHolder | undefined): string {
  return holder ? `pid ${holder.pid}: ${holder.command}` : 'another program';
}
