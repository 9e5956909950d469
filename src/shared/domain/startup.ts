import { z } from 'zod';
import { Failure } from './failure';

/** One profile that starts with the application. */
export const StartupEntry = z.object({
  profileId: z.string(),
  name: z.string(),
  /** `held`: not started, since the machine went down while servers ran; `taken-over`: it ran already. */
  state: z.enum(['waiting', 'starting', 'ready', 'failed', 'held', 'taken-over', 'stopped']),
  /** From the start to ready. */
  seconds: z.number().optional(),
  /** Why it failed, or was refused. */
  failure: Failure.optional(),
});
export type StartupEntry = z.infer<typeof StartupEntry>;

/** What became of the profiles that start with the application, until a person closes it. */
export const StartupReport = z.object({
  time: z.string(),
  /** Opened by the system at login. */
  atLogin: z.boolean(),
  /** Names of the servers that ran when the machine went down; absent when nothing is held. */
  heldBecauseOf: z.array(z.string()).optional(),
  entries: z.array(StartupEntry),
});
export type StartupReport = z.infer<typeof StartupReport>;
