import { z } from 'zod';

/**
 * What the system says of the login item, never our own copy of it. `unsupported`: this system or this
 * build has none, and `reason` says why.
 */
export const LoginItem = z.object({
  status: z.enum(['enabled', 'not-registered', 'requires-approval', 'unsupported']),
  reason: z.string().optional(),
});
export type LoginItem = z.infer<typeof LoginItem>;

/** Where an update of the application stands. `off`: this build is not updated, and `message` says why. */
export const UpdateState = z.object({
  state: z.enum(['off', 'current', 'checking', 'downloading', 'ready', 'failed']),
  /** The newer version. */
  version: z.string().optional(),
  /** 0 to 1 while it is downloaded. */
  fraction: z.number().optional(),
  message: z.string().optional(),
  checkedAt: z.string().optional(),
});
export type UpdateState = z.infer<typeof UpdateState>;

/** The command `mlx-manager` in a folder of the person's PATH. */
export const CommandLineTool = z.object({
  /** Where it is, when it starts this application. */
  path: z.string().optional(),
  /** Where it would be put. */
  target: z.string().optional(),
  /** Why it cannot be put there. */
  reason: z.string().optional(),
});
export type CommandLineTool = z.infer<typeof CommandLineTool>;

/** What only the desktop application has. */
export const DesktopState = z.object({
  loginItem: LoginItem,
  update: UpdateState,
  commandLine: CommandLineTool,
  /** Opened by the system at login, without a window. */
  openedAtLogin: z.boolean(),
});
export type DesktopState = z.infer<typeof DesktopState>;
