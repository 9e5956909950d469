import { z } from 'zod';

export const LogLine = z.object({
  /** Number of the line in its run, from 0; stable while the run's oldest files are kept. */
  n: z.number(),
  time: z.string(),
  source: z.enum(['engine', 'manager']),
  text: z.string(),
  level: z.enum(['error', 'warning', 'info']).optional(),
});
export type LogLine = z.infer<typeof LogLine>;

export const LogRun = z.object({
  run: z.number(),
  startedAt: z.string(),
  endedAt: z.string().optional(),
  /** How it ended, e.g. `stopped`, `exit 2`, `SIGKILL`; absent while it runs. */
  ended: z.string().optional(),
  outcome: z.enum(['running', 'stopped', 'failed']),
  bytes: z.number(),
  /** Number of the oldest line still kept and the number after the newest. */
  firstLine: z.number(),
  endLine: z.number(),
});
export type LogRun = z.infer<typeof LogRun>;

export const LogPage = z.object({ run: LogRun.nullable(), lines: z.array(LogLine) });
export type LogPage = z.infer<typeof LogPage>;
