import { routeHref } from '@renderer/routing/route';
import { gatewayHost, gatewayState } from '@renderer/text/gateway-text';
import type { GatewayStatus } from '@shared/domain/gateway-status';
import type { PaletteAction } from './palette-action';

/** What can be done with the gateway. Pure. */
export function gatewayActions(status: GatewayStatus): PaletteAction[] {
  const host = gatewayHost(status);
  const base = { group: 'Gateway', show: routeHref('gateway') } as const;
  return [
    {
      ...base,
      id: 'gateway:copy',
      label: 'Copy gateway address',
      ...(host === undefined ? { reason: gatewayState(status).label } : { fact: host }),
    },
    { ...base, id: 'gateway:requests', label: 'Show requests' },
    { ...base, id: 'gateway:sessions', label: 'Show sessions' },
    { ...base, id: 'gateway:keys', label: 'Show gateway keys' },
    { ...base, id: 'gateway-key', label: 'Add gateway key…' },
    ...(status.state === 'failed'
      ? [
          {
            ...base,
            id: 'gateway-retry',
            label: 'Start gateway again',
            fact: gatewayState(status).label,
          },
        ]
      : []),
  ];
}
