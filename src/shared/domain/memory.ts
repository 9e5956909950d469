import { z } from 'zod';

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
