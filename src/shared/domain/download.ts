import { z } from 'zod';

import { DOWNLOAD_STATES } from './download-state';
import { Failure } from './failure';
import { modelRefKind } from './model-ref';

/** Name of a model on the hub: `org/name`, as a reference of a profile. */
export const HubRef = z
  .string()
  .max(200)
  .refine((ref) => modelRefKind(ref) === 'hub', {
    error: 'must be a Hugging Face model, such as mlx-community/Qwen3-4B-4bit',
  });

/** A branch, a tag or a commit. */
export const Revision = z
  .string()
  .min(1)
  .max(200)
  .regex(
    /^(?!.*\.\.)(?!\/)[\w./-]+$/,
    'revision must be the name of a branch or a tag, or a commit',
  );

/** A job that brings a model's files to disk; its field names are public (docs/command-line.md). */
export const Download = z.object({
  id: z.string(),
  ref: z.string(),
  /** What was asked for: a branch, a tag or a commit. */
  revision: z.string(),
  /** The commit that is fetched, once it is known. */
  commit: z.string().optional(),
  state: z.enum(DOWNLOAD_STATES),
  /** Bytes on disk, and of all files together; 0 until the files are known. */
  bytes: z.number(),
  total: z.number(),
  bytesPerSecond: z.number().optional(),
  etaSeconds: z.number().optional(),
  connections: z.number().optional(),
  /** How many files there are and how many are whole and proven by their hash. */
  files: z.object({ total: z.number(), verified: z.number() }),
  /** Why nothing comes although it runs: no network, a rate limit, another program's download. */
  waiting: z.object({ message: z.string(), until: z.string().optional() }).optional(),
  failure: Failure.optional(),
  addedAt: z.string(),
  endedAt: z.string().optional(),
  /** Its own limit; the settings' counts as well. */
  limitBytesPerSecond: z.number().optional(),
  /** Fetches only what is bad or missing of a model that is here already. */
  repair: z.boolean().optional(),
});
export type Download = z.infer<typeof Download>;

/** One file of a download. */
export const DownloadFile = z.object({
  path: z.string(),
  sizeBytes: z.number(),
  /** Bytes that are on disk. */
  bytes: z.number(),
  state: z.enum(['waiting', 'running', 'verifying', 'verified']),
});
export type DownloadFile = z.infer<typeof DownloadFile>;
