import { z } from 'zod';

import { Failure } from './failure';
import { InstallableId, ModelRef, ProfileName, ServerProfile } from './profile';
import { TestAnswer } from './server';

/** What a person chose for the first server, or left as it was proposed. */
export const SetupPlan = z.strictObject({
  engine: InstallableId,
  /** Fetched from Hugging Face where it is not on this machine. */
  model: ModelRef,
  /** What the profile is called. */
  name: ProfileName,
  /** Left out: the next port that is free when the profile is made. */
  port: ServerProfile.shape.port.optional(),
});
export type SetupPlan = z.infer<typeof SetupPlan>;

/** The steps, in the order in which they are shown; the first two run side by side. */
export const SETUP_STEPS = ['engine', 'model', 'server'] as const;
export type SetupStepName = (typeof SETUP_STEPS)[number];

export const SetupStep = z.object({
  /** `waiting`: for the other steps. */
  state: z.enum(['waiting', 'running', 'done', 'failed']),
  /** How long it took; absent where there was nothing to do. */
  seconds: z.number().optional(),
  /** What it put on the disk, or found there. */
  bytes: z.number().optional(),
  failure: Failure.optional(),
});
export type SetupStep = z.infer<typeof SetupStep>;

/** The set-up of a first server: an engine, a model and a running server by one request. */
export const Setup = z.object({
  plan: SetupPlan,
  /** `failed`: a step has failed and nothing else is under way. */
  state: z.enum(['running', 'failed', 'done']),
  startedAt: z.string(),
  endedAt: z.string().optional(),
  engine: SetupStep.extend({
    /** The installation under way, of `engineJobs`. */
    jobId: z.string().optional(),
    version: z.string().optional(),
  }),
  model: SetupStep.extend({
    /** The download under way, of `downloads`. */
    downloadId: z.string().optional(),
  }),
  server: SetupStep.extend({ profileId: z.string().optional() }),
  /** What the new server said to its first question. */
  answer: TestAnswer.extend({ question: z.string() }).optional(),
});
export type Setup = z.infer<typeof Setup>;
