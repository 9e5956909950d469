import { z } from 'zod';

/**
 * Who wrote a line: the engine, the manager, or the engine about a request with which the manager asked
 * whether it answers (`probe`). The last kind says nothing about the model's work: it is hidden where it
 * is not asked for, and it is never the evidence of a failure nor a sign of progress.
 */
export const LogSource = z.enum(['engine', 'manager', 'probe']);
export type LogSource = z.infer<typeof LogSource>;

export const LogLine = z.object({
  /** Number of the line in its run, from 0; stable while the run's oldest files are kept. */
  n: z.number(),
  time: z.string(),
  source: LogSource,
  text: z.string(),
  level: z.enum(['error', 'warning', 'info']).optional(),
  /**
   * The engine is still writing it: a progress bar that is drawn again, or a line without an end. The
   * line with this number comes again when its text has changed, and without this mark when it has ended.
   */
  open: z.literal(true).optional(),
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
