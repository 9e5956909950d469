import { z } from 'zod';
import { FAILURE_CODES } from '../errors';
import { Failure, StoredFailure } from './failure';
import { ProfileId } from './profile';
import { SERVER_STATES } from './server-state';

export const ServerState = z.enum(SERVER_STATES);

/** Why a server failed: a failure with one of the codes that are promised for servers. */
export const ServerFailure = Failure.extend({ code: z.enum(FAILURE_CODES) });
export type ServerFailure = z.infer<typeof ServerFailure>;

/** The same as a document keeps it, which another version of the program may have written. */
export const StoredServerFailure = StoredFailure.extend({
  code: ServerFailure.shape.code.catch('exited'),
});

/** How a load goes on, while `starting` or `loading`. */
export const LoadProgress = z.object({
  phase: z.string(),
  lastLine: z.string().optional(),
  seconds: z.number(),
  /** 0 to 1, only when it is measured. */
  fraction: z.number().optional(),
});
export type LoadProgress = z.infer<typeof LoadProgress>;

/** A server ended by itself; kept until a person has read it, also when it is long ready again. */
export const Incident = z.object({
  /** ISO 8601. */
  at: z.string(),
  failure: ServerFailure,
  /** How often it has ended by itself since a person last looked. */
  times: z.number(),
  /** The run whose log tells of it. */
  run: z.number().optional(),
});
export type Incident = z.infer<typeof Incident>;

/** A start that was refused for lack of memory: nothing was started and nothing was stopped. */
export const StartRefusal = z.object({
  /** ISO 8601. */
  at: z.string(),
  message: z.string(),
  shortBytes: z.number(),
});
export type StartRefusal = z.infer<typeof StartRefusal>;

/** A profile's server as every view sees it; its field names are public (docs/command-line.md). */
export const Server = z.object({
  profileId: ProfileId,
  name: z.string(),
  state: ServerState,
  /** ISO 8601 time at which the state was entered. */
  since: z.string(),
  engine: z.string(),
  /** Id of the installation that runs it, or would run it; null when none is installed. */
  installation: z.string().nullable(),
  model: z.string(),
  /** What a request straight to the server puts into `model`. */
  requestModel: z.string(),
  port: z.number(),
  url: z.string(),
  pid: z.number().optional(),
  uptimeSeconds: z.number().optional(),
  memoryBytes: z.number().optional(),
  /** What its profile needs as it is set now: estimated, or measured on earlier runs; absent where unknown. */
  needsBytes: z.number().optional(),
  cpuPercent: z.number().optional(),
  /** Seconds from spawn to ready of the current process. */
  readySeconds: z.number().optional(),
  restarts: z.number(),
  attempt: z.number().optional(),
  retryAt: z.string().optional(),
  failure: ServerFailure.optional(),
  /** The last crash that nobody has read of yet. */
  incident: Incident.optional(),
  /** Why it is degraded, in a sentence. */
  concern: z.string().optional(),
  /** Why the last start was refused: while nothing runs, until the next start or a change of the profile. */
  refusal: StartRefusal.optional(),
  progress: LoadProgress.optional(),
  /** Whether the process was taken over from an earlier manager. */
  adopted: z.boolean().optional(),
  /** Runs with less memory than its profile says, until its next start. */
  safeMode: z.boolean().optional(),
  modelMissing: z.boolean().optional(),
  restartNeeded: z.boolean(),
});
export type Server = z.infer<typeof Server>;

/** What a server said to one short chat. */
export const TestAnswer = z.object({
  /** What it answered; of a model that only reasoned so far, its reasoning. */
  text: z.string(),
  promptTokens: z.number().optional(),
  answerTokens: z.number().optional(),
  firstTokenMs: z.number(),
  totalMs: z.number(),
  /** Tokens of the answer after the first one, by the time that they took; absent where it cannot be told. */
  tokensPerSecond: z.number().optional(),
});
export type TestAnswer = z.infer<typeof TestAnswer>;

/** Figures that move by themselves. */
const MEASURED: readonly string[] = ['uptimeSeconds', 'memoryBytes', 'cpuPercent'];

/** What of a server is news: all but what is measured, and how long it has loaded. */
export function serverNews({ progress, ...server }: Server): unknown {
  const facts = Object.entries(server).filter(([name]) => !MEASURED.includes(name));
  return { facts, progress: progress && { ...progress, seconds: undefined } };
}
