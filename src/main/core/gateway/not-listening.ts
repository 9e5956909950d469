import type { GatewayStatus } from '@shared/domain/gateway-status';
import type { FromDataPlane } from '@shared/gateway/plane';

export type NotListening = Extract<FromDataPlane, { type: 'notListening' }>;

/**
 * The gateway's state where it can't listen, with a sentence that says why and what helps.
 * @param holder who has the port, in words; undefined where nobody can tell.
 */
export function notListening(
  { host, code, message }: NotListening,
  port: number,
  holder: string | undefined,
): GatewayStatus {
  const status = { state: 'failed', url: null, port } as const;
  switch (code) {
    case 'EADDRINUSE':
      return {
        ...status,
        failure: {
          code: 'port_in_use',
          message: `Port ${port} is used by ${holder ?? 'another program'}. Quit it, or choose another port for the gateway in Settings.`,
        },
      };
    case 'EACCES':
      return {
        ...status,
        failure: {
          code: 'permission',
          message: `This user may not listen on port ${port}. Choose a port from 1024 up for the gateway in Settings.`,
        },
      };
    default:
      return {
        ...status,
        failure: {
          code: 'permission',
          message: `The gateway can't listen on ${host}, port ${port}: ${message}.`,
        },
      };
  }
}
