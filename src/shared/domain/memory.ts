import { z } from 'zod';

import { SERVER_STATES } from './server-state';

/** `fits`: room is left; `tight`: less than the setting "Keep free" is left; `no`: it does not fit. */
export const FIT_VERDICTS = ['fits', 'tight', 'no'] as const;
export type FitVerdict = (typeof FIT_VERDICTS)[number];

/** What a server of a model needs, bytes. */
export const FitParts = z.object({
  weights: z.number(),
  /** Keys and values of all requests that are answered at once. */
  kvCache: z.number(),
  /** Keys and values that are kept for later requests. */
  promptCache: z.number(),
  /** The runtime, and what a prompt takes while it is read. */
  overhead: z.number(),
});
export type FitParts = z.infer<typeof FitParts>;

/** Which limit the sum is held against: the GPU's working set, all memory, or the user's own for servers. */
export const LIMIT_SOURCES = ['gpu', 'memory', 'setting'] as const;
export type LimitSource = (typeof LIMIT_SOURCES)[number];

/** The sum of what a model needs, and whether this machine has it now; bytes. */
export const FitEstimate = z.object({
  verdict: z.enum(FIT_VERDICTS),
  parts: FitParts,
  /** What counts: the parts together, or the peak that was measured on earlier runs. */
  total: z.number(),
  limit: z.number(),
  limitSource: z.enum(LIMIT_SOURCES),
  /** What is in use of the limit now, by servers and by other programs, without the one that is asked about. */
  inUse: z.number(),
  /** What should be left over. */
  keepFree: z.number(),
  /** Tokens of one request, and how many requests at once. */
  context: z.number(),
  concurrency: z.number(),
  kvBits: z.number().optional(),
  /** The highest figure of earlier runs with these settings; then it is the total. */
  learnedPeak: z.number().optional(),
  /** What could not be known, as sentences; the sum is then a lower bound. */
  unknown: z.array(z.string()),
});
export type FitEstimate = z.infer<typeof FitEstimate>;

/** A server that could be stopped to make room. */
export const StoppableServer = z.object({
  profileId: z.string(),
  name: z.string(),
  state: z.enum(SERVER_STATES),
  /** What the sum has less without it, bytes. */
  freesBytes: z.number(),
  /** ISO 8601 time since which it does nothing; absent while it works or loads. */
  idleSince: z.string().optional(),
  /** It answers, or is on its way to ready: never chosen, a person may. */
  busy: z.boolean(),
  /** It alone is enough. */
  suffices: z.boolean(),
});
export type StoppableServer = z.infer<typeof StoppableServer>;

/** What a profile needs with another context; bytes. */
export const ContextFit = z.object({
  context: z.number(),
  parts: FitParts,
  /** What earlier runs say of it; then it is the total. */
  learnedPeak: z.number().optional(),
  total: z.number(),
  /** Free afterwards; negative where it does not fit. */
  leftOver: z.number(),
  verdict: z.enum(FIT_VERDICTS),
});
export type ContextFit = z.infer<typeof ContextFit>;

/** What a profile needs, held against what is free now, and every way to make it fit. */
export const FitReport = z.object({
  fit: FitEstimate,
  /** What is missing; 0 where it fits. */
  shortBytes: z.number(),
  /** Longest idle first, those that work or load last. */
  stoppable: z.array(StoppableServer),
  /** The fewest that suffice, longest idle first; empty where it fits or where stopping them all is not enough. */
  toStop: z.array(z.string()),
  /** The one that counts now first, then shorter ones; that one alone where the engine has no such limit. */
  contexts: z.array(ContextFit),
  /** The longest that fits without stopping anything; absent where none does, or the engine has no such limit. */
  longestContext: z.number().optional(),
  /** With what takes the least memory, as `servers.start` with `safeMode` does; absent where nothing can be lowered. */
  safeMode: ContextFit.optional(),
});
export type FitReport = z.infer<typeof FitReport>;
