import { z } from 'zod';

/** Whether the gateway listens, and where; its field names are public (docs/command-line.md). */
export const GatewayStatus = z.object({
  /** `off`: switched off in the settings or by the command that started the manager. */
  state: z.enum(['off', 'starting', 'listening', 'failed']),
  /** `http://127.0.0.1:6590`; null while it does not listen. */
  url: z.string().nullable(),
  /** 0 in a process that never started it, such as a command where no manager runs. */
  port: z.number(),
  failure: z
    .object({ code: z.enum(['port_in_use', 'permission']), message: z.string() })
    .optional(),
});
export type GatewayStatus = z.infer<typeof GatewayStatus>;

/** What the gateway has to do now; its field names are public (docs/contract.md). */
export const GatewayLoad = z.object({
  /** Requests that a server answers. */
  underWay: z.number(),
  /** Requests that wait for a server to be ready. */
  waiting: z.number(),
});
export type GatewayLoad = z.infer<typeof GatewayLoad>;
