import type { GatewayStatus } from '@shared/domain/gateway-status';
import { item, type MenuNode, SEPARATOR } from './menu-node';

/** In the menu bar: the address to copy; where there is none, why, and the way to the screen that mends it. */
export function gatewayItems({ state, url, failure }: GatewayStatus): MenuNode[] {
  if (url !== null) {
    const host = url.replace(/^https?:\/\//, '');
    return [
      SEPARATOR,
      item('gateway', `Copy Gateway Address  ${host}`, { do: 'copy', text: `${url}/v1` }),
    ];
  }
  const words = failure?.code === 'port_in_use' ? 'port in use' : STATES[state];
  return [SEPARATOR, item('gateway', `Gateway  ${words}`, { do: 'page', action: 'go:gateway' })];
}

const STATES: Readonly<Record<GatewayStatus['state'], string>> = {
  off: 'off',
  starting: 'starting',
  listening: 'listening',
  failed: 'not listening',
};

/** In the application menu: the gateway's actions of the command palette. */
export function gatewayMenu(status: GatewayStatus | undefined): MenuNode {
  const page = (action: string, label: string, enabled = true): MenuNode =>
    item(action, label, { do: 'page', action }, { enabled });
  return {
    type: 'menu',
    id: 'gateway',
    label: 'Gateway',
    items: [
      page('gateway:copy', 'Copy Gateway Address', Boolean(status?.url)),
      page('gateway-retry', 'Start Gateway Again', status?.state === 'failed'),
      SEPARATOR,
      page('gateway:requests', 'Show Requests'),
      page('gateway:sessions', 'Show Sessions'),
      page('gateway:keys', 'Show Keys'),
      SEPARATOR,
      page('gateway-key', 'Add Key…'),
    ],
  };
}
