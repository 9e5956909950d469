import { z } from 'zod';

import { Failure } from './failure';
import { MODEL_KINDS } from './hub';

/** Programs and places that models come from. */
export const MODEL_ORIGINS = [
  'built-in',
  'huggingface',
  'lmstudio',
  'omlx',
  'ollama',
  'folder',
] as const;
export type ModelOrigin = (typeof MODEL_ORIGINS)[number];

/**
 * `damaged`: a file is there and wrong; `unmounted`: its disk is not there now, what is known is from the
 * last look; `unusable`: whole, but no engine can be given it.
 */
export const MODEL_STATES = ['complete', 'incomplete', 'damaged', 'unmounted', 'unusable'] as const;
export type ModelState = (typeof MODEL_STATES)[number];

/** The same weights in another place. */
export const ModelCopy = z.object({
  ref: z.string(),
  path: z.string(),
  origin: z.enum(MODEL_ORIGINS),
  /** The added folder it lies in. */
  folder: z.string().optional(),
  /** Bytes on disk that this copy takes for itself. */
  sizeBytes: z.number(),
  usedBy: z.array(z.string()),
  /** Why the two cannot share their bytes on disk; absent where they can. */
  cannotShare: z.string().optional(),
});
export type ModelCopy = z.infer<typeof ModelCopy>;

/** What the last look at every byte found. */
export const Verified = z.object({
  at: z.string(),
  /** `hashes`: against the hash that the file was published with; `structure`: there is none to compare with. */
  by: z.enum(['hashes', 'structure']),
  files: z.number(),
  bad: z.array(z.string()),
});
export type Verified = z.infer<typeof Verified>;

/** A model on disk; its field names are public (docs/command-line.md). */
export const Model = z.object({
  /** `demo`, `org/name` or the absolute folder: what a profile stores. */
  ref: z.string(),
  name: z.string(),
  path: z.string(),
  /** Bytes on disk. */
  sizeBytes: z.number(),
  /** Of an incomplete one whose files are known: what it will have. */
  expectedBytes: z.number().optional(),
  complete: z.boolean(),
  state: z.enum(MODEL_STATES),
  /** Files that are missing or damaged, with what is wrong. */
  missing: z.array(z.string()).optional(),
  /** The files that are there and wrong, and their bytes. */
  damaged: z.object({ files: z.number(), of: z.number(), bytes: z.number() }).optional(),
  /** Why no engine can be given it. */
  unusable: z.string().optional(),
  /** Its weights are there and whole, although something else is missing or damaged: a start may be forced. */
  wholeWeights: z.boolean().optional(),
  /** Python packages that its files are whole for, such as mlx_lm; engines load with one or several of them. */
  loaders: z.array(z.string()).optional(),
  kind: z.enum(MODEL_KINDS).optional(),
  architecture: z.string().optional(),
  bits: z.number().optional(),
  groupSize: z.number().optional(),
  contextLength: z.number().optional(),
  parameters: z.number().optional(),
  layers: z.number().optional(),
  kvHeads: z.number().optional(),
  /** Whether its chat template takes tools, and whether it reasons. */
  template: z
    .object({ toolCalls: z.boolean(), reasoning: z.enum(['none', 'always', 'switchable']) })
    .optional(),
  licence: z.string().optional(),
  /** The commit of the hub that it is. */
  revision: z.string().optional(),
  /** Its name on the hub, where it is known to come from there. */
  hubRef: z.string().optional(),
  /** Names of the profiles that use it. */
  usedBy: z.array(z.string()),
  /** No profile uses it, or nothing has run it for as long as the setting says. */
  unused: z.boolean(),
  origin: z.enum(MODEL_ORIGINS),
  /** The folder of the library that it was found in, unless that is the Hugging Face cache. */
  folder: z.string().optional(),
  /** The disk that is not there. */
  disk: z.string().optional(),
  copies: z.array(ModelCopy).optional(),
  verified: Verified.optional(),
  /** Its config names code of its own. */
  needsCode: z.boolean().optional(),
  /** Python files that come with it; none is run unless an option allows it. */
  code: z.array(z.string()).optional(),
  modifiedAt: z.string().optional(),
  downloadedAt: z.string().optional(),
  lastUsedAt: z.string().optional(),
});
export type Model = z.infer<typeof Model>;

/** A folder that is scanned for models. */
export const ModelFolder = z.object({
  path: z.string(),
  origin: z.enum(['huggingface', 'lmstudio', 'omlx', 'ollama', 'added']),
  /** `missing`: also a disk that is not mounted. */
  state: z.enum(['ok', 'missing', 'unreadable']),
  models: z.number(),
  /** Of its disk, where it is there. */
  freeBytes: z.number().optional(),
});
export type ModelFolder = z.infer<typeof ModelFolder>;

/** A model that was deleted and can still be had back. */
export const Deletion = z.object({
  ref: z.string(),
  name: z.string(),
  /** What its removal frees; files that something else shares are not counted. */
  freedBytes: z.number(),
  /** When the files go; absent where they are gone. */
  until: z.string().optional(),
});
export type Deletion = z.infer<typeof Deletion>;

/** A look at every byte of a model. */
export const VerifyJob = z.object({
  ref: z.string(),
  name: z.string(),
  state: z.enum(['running', 'done', 'failed', 'cancelled']),
  bytes: z.number(),
  total: z.number(),
  files: z.object({ done: z.number(), total: z.number() }),
  /** The file that is read. */
  file: z.string().optional(),
  bad: z.array(z.object({ file: z.string(), problem: z.string() })),
  by: z.enum(['hashes', 'structure']),
  startedAt: z.string(),
  endedAt: z.string().optional(),
  failure: Failure.optional(),
});
export type VerifyJob = z.infer<typeof VerifyJob>;
