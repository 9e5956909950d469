import { z } from 'zod';

import { PREFIX_CAUSES } from './prefix-cause';

/** What the prefix doctor found of a request; sentences are for people. */
export const PrefixReport = z.object({
  cause: z.enum(PREFIX_CAUSES),
  message: z.string(),
  mend: z.string().optional(),
  /** Parts of the prompt that are the same as in the session's last one. */
  commonParts: z.number(),
  /** The first part that differs and the line in it, counted from 1. */
  part: z.number().optional(),
  role: z.string().optional(),
  line: z.number().optional(),
  /** Tokens that were computed though the session's last prompt held them, and how long that took. */
  tokensAgain: z.number(),
  secondsAgain: z.number().optional(),
  /** The engine did not say what it reused: the tokens are reckoned from the texts' lengths. */
  isEstimate: z.boolean(),
});
export type PrefixReport = z.infer<typeof PrefixReport>;

/** One request that went through the gateway; its field names are public (docs/command-line.md). */
export const GatewayRequest = z.object({
  id: z.string(),
  time: z.string(),
  client: z.string(),
  keyId: z.string().optional(),
  session: z.string().optional(),
  /** The profile's name, or the name that was asked for where no profile has it. */
  profile: z.string(),
  profileId: z.string().optional(),
  dialect: z.string(),
  operation: z.string(),
  stream: z.boolean(),
  /** A title, a tag or a count that a program asks for beside a person's turn. */
  sideCall: z.boolean(),
  status: z.number(),
  ending: z.enum(['answered', 'refused', 'aborted', 'failed']),
  error: z.object({ code: z.string(), message: z.string() }).optional(),
  promptTokens: z.number().optional(),
  cachedTokens: z.number().optional(),
  answerTokens: z.number().optional(),
  firstTokenMs: z.number().optional(),
  tokensPerSecond: z.number().optional(),
  totalMs: z.number(),
  queueMs: z.number(),
  loadMs: z.number(),
  stop: z.string().optional(),
  /** What of the request was changed or left out, in words. */
  changes: z.array(z.string()),
  /** Undefined for a session's first prompt. */
  prefix: PrefixReport.optional(),
});
export type GatewayRequest = z.infer<typeof GatewayRequest>;

/** How often a session lost its common beginning for one reason, and what that cost. */
export const SessionCause = z.object({
  cause: z.enum(PREFIX_CAUSES),
  requests: z.number(),
  tokensAgain: z.number(),
  secondsAgain: z.number(),
});
export type SessionCause = z.infer<typeof SessionCause>;

/** Requests of one conversation of one program; its field names are public (docs/command-line.md). */
export const GatewaySession = z.object({
  id: z.string(),
  client: z.string(),
  /** Of its last request. */
  profile: z.string(),
  profileId: z.string().optional(),
  firstTime: z.string(),
  lastTime: z.string(),
  requests: z.number(),
  promptTokens: z.number(),
  cachedTokens: z.number(),
  answerTokens: z.number(),
  /** Share of the prompts' tokens that engines reused, of those requests of which they told; 0 to 1. */
  reuse: z.number().optional(),
  /** The most expensive first; without the requests of which nothing was computed again. */
  causes: z.array(SessionCause),
});
export type GatewaySession = z.infer<typeof GatewaySession>;

const id = z.string().min(1).max(300);
const limit = z.number().int().min(1).max(1000).default(50);

/** Which requests are asked for, the newest first; with `after`, those that followed it, the oldest first. */
export const GatewayRequestsQuery = z
  .strictObject({
    limit,
    profileId: id.optional(),
    sessionId: id.optional(),
    keyId: id.optional(),
    /** Id of a request: those before it, or those after it. */
    before: id.optional(),
    after: id.optional(),
  })
  .refine(({ before, after }) => before === undefined || after === undefined, {
    error: 'after must not be given together with before',
  });
export type GatewayRequestsQuery = z.output<typeof GatewayRequestsQuery>;

/** Which sessions are asked for, the last used first. */
export const GatewaySessionsQuery = z.strictObject({ limit, profileId: id.optional() });
export type GatewaySessionsQuery = z.output<typeof GatewaySessionsQuery>;

/** A part of a prompt: what it is and how long, and no text of it. */
export const GatewayPromptPart = z.object({
  role: z.string(),
  hash: z.string(),
  /** Characters. */
  length: z.number(),
});
export type GatewayPromptPart = z.infer<typeof GatewayPromptPart>;

/** A session with its newest requests, the newest first. */
export const GatewaySessionDetail = z.object({
  session: GatewaySession,
  /** The parts of its last prompt, in order; none where no prompt was read. */
  prompt: z.array(GatewayPromptPart),
  requests: z.array(GatewayRequest),
});
export type GatewaySessionDetail = z.infer<typeof GatewaySessionDetail>;
