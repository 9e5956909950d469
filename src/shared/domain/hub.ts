import { z } from 'zod';

import { HubRef, Revision } from './download';
import { FitEstimate } from './memory';

/** What a model is for, as the filter of Discover names it; an adapter changes another model and is none. */
export const MODEL_KINDS = [
  'text',
  'vision',
  'embedding',
  'audio',
  'image',
  'adapter',
  'other',
] as const;
export type ModelKind = (typeof MODEL_KINDS)[number];

export const HUB_SORTS = ['trending', 'downloads', 'likes', 'recent'] as const;
export type HubSort = (typeof HUB_SORTS)[number];

/** A search on the hub. */
export const HubSearch = z.strictObject({
  query: z.string().max(200, 'query must have at most 200 characters').default(''),
  sort: z
    .enum(HUB_SORTS, { error: `sort must be one of ${HUB_SORTS.join(', ')}` })
    .default('trending'),
  kind: z.enum(['text', 'vision', 'embedding']).optional(),
  /** Only what fits this machine now. */
  fits: z.boolean().default(false),
  maxBytes: z.number().positive().optional(),
  minBytes: z.number().nonnegative().optional(),
  bits: z.number().int().min(1).max(32).optional(),
  author: z
    .string()
    .max(100)
    .regex(/^[\w.-]+$/, 'author must be the name of a user or an organization')
    .optional(),
  architecture: z
    .string()
    .max(100)
    .regex(/^[\w.-]+$/, 'architecture must be a model type, such as qwen3')
    .optional(),
  offset: z.number().int().min(0).max(5000).default(0),
  limit: z.number().int().min(1).max(100).default(30),
});
export type HubSearch = z.output<typeof HubSearch>;

/** What the model's own files say: known once they were looked at. */
export const HubFacts = z.object({
  /** Bytes that a download of it brings; in a list, those of its weights. */
  sizeBytes: z.number(),
  files: z.number().optional(),
  bits: z.number().optional(),
  groupSize: z.number().optional(),
  contextLength: z.number().optional(),
  architecture: z.string().optional(),
  /** Parameters, and those that one token passes through, where it is a mixture of experts. */
  parameters: z.number().optional(),
  activeParameters: z.number().optional(),
  layers: z.number().optional(),
  kvHeads: z.number().optional(),
  /** Why no MLX engine can load it. */
  unusable: z.string().optional(),
  /** What the repository itself lacks or holds damaged; known once its page was looked at. */
  missing: z.array(z.string()).optional(),
  /** What a gated model's files wait for: a token, or that the account accepts the terms; absent once they can be read. */
  access: z.enum(['token', 'accept']).optional(),
  fit: FitEstimate.optional(),
});
export type HubFacts = z.infer<typeof HubFacts>;

/** A model on the hub, as a row of a list. */
export const HubModel = z.object({
  ref: z.string(),
  author: z.string(),
  name: z.string(),
  /** The newest commit. */
  commit: z.string(),
  kind: z.enum(MODEL_KINDS),
  downloads: z.number(),
  likes: z.number(),
  updatedAt: z.string(),
  licence: z.string().optional(),
  gated: z.boolean(),
  private: z.boolean(),
  /** Bytes of the weights and their bits as the hub's list gives them; `facts` are exact. */
  sizeBytes: z.number().optional(),
  bits: z.number().optional(),
  architecture: z.string().optional(),
  onDisk: z.enum(['complete', 'incomplete']).optional(),
  facts: HubFacts.optional(),
});
export type HubModel = z.infer<typeof HubModel>;

export const HubPage = z.object({
  models: z.array(HubModel),
  /** Offset of the next page; absent at the end. */
  next: z.number().optional(),
  /** How many models were looked through for these, where a filter left some out. */
  looked: z.number(),
});
export type HubPage = z.infer<typeof HubPage>;

export const HUB_FILTERS = ['size', 'bits', 'architecture', 'author', 'kind', 'fits'] as const;
export type HubFilter = (typeof HUB_FILTERS)[number];

/** What a search would find without one of its filters. */
export const WithoutFilter = z.object({
  filter: z.enum(HUB_FILTERS),
  models: z.number(),
  /** There are more: the count is of those that were looked through. */
  more: z.boolean(),
});
export type WithoutFilter = z.infer<typeof WithoutFilter>;

export const HubFile = z.object({ path: z.string(), sizeBytes: z.number(), wanted: z.boolean() });
export type HubFile = z.infer<typeof HubFile>;

/** Everything about one model of the hub. */
export const HubModelPage = z.object({
  model: HubModel,
  facts: HubFacts,
  files: z.array(HubFile),
  /** Whether its chat template takes tools, and whether it reasons. */
  template: z
    .object({ toolCalls: z.boolean(), reasoning: z.enum(['none', 'always', 'switchable']) })
    .optional(),
  /** Installed engines that have code for its architecture; absent where none is installed that tells. */
  engines: z.array(z.string()).optional(),
  /** Its page for a browser. */
  url: z.string(),
});
export type HubModelPage = z.infer<typeof HubModelPage>;

/** A model of the hub that fits this machine, for who runs the first one. */
export const SuggestedModel = z.object({
  ref: z.string(),
  /** Short, as a profile may be called. */
  name: z.string(),
  /** What it is good for. */
  about: z.string(),
  /** Bytes that a download brings. */
  sizeBytes: z.number(),
  fit: FitEstimate,
  parameters: z.number().optional(),
  bits: z.number().optional(),
  /** What its chat template can do. */
  reasons: z.boolean(),
  callsTools: z.boolean(),
});
export type SuggestedModel = z.infer<typeof SuggestedModel>;

/** The text that describes a model: markdown from a stranger. */
export const ModelCard = z.object({ markdown: z.string(), truncated: z.boolean() });
export type ModelCard = z.infer<typeof ModelCard>;

/** Who the hub takes us for. */
export const HubAccount = z.object({
  endpoint: z.string(),
  /** Where the token comes from: the environment comes before the one that was kept. */
  token: z.enum(['none', 'environment', 'kept']),
  /** Where a token is kept on this machine. */
  place: z.enum(['keychain', 'file']),
  user: z.string().optional(),
  /** Why the token, or keeping one, does not work. */
  problem: z.string().optional(),
});
export type HubAccount = z.infer<typeof HubAccount>;

export const HubModelName = z.strictObject({ ref: HubRef, revision: Revision.optional() });
