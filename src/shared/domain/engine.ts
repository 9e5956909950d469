import { z } from 'zod';
import { Failure } from './failure';
import { InstallableId, OptionValue } from './profile';

/** One engine option as the installed version's own `--help` describes it. */
export const EngineOption = z.object({
  /** The flag without its leading dashes, e.g. `max-tokens`. */
  key: z.string(),
  flag: z.string(),
  type: z.enum(['flag', 'text', 'integer', 'number', 'choice', 'json', 'path', 'list']),
  choices: z.array(z.string()).optional(),
  default: OptionValue.optional(),
  help: z.string(),
  group: z.enum(['common', 'advanced']),
  /** Plain words for the form; the flag's own name when there are none. */
  label: z.string(),
  unit: z.string().optional(),
  /** Only the desktop and the command line may set it (a path, or consent to run code). */
  localOnly: z.boolean(),
  /** Set by the manager itself; refused in options and extra arguments. */
  reserved: z.boolean(),
});
export type EngineOption = z.infer<typeof EngineOption>;

export const Installation = z.object({
  id: z.string(),
  engine: z.string(),
  version: z.string(),
  path: z.string(),
  python: z.string().optional(),
  pythonVersion: z.string().optional(),
  /** Server executable of a registered command. */
  command: z.string().optional(),
  /** `broken`: it cannot run. `unknown`: whether it can run could not be told. */
  state: z.enum(['installing', 'ready', 'broken', 'unknown']),
  inUse: z.boolean(),
  sizeBytes: z.number(),
  testedAt: z.string().optional(),
  origin: z.enum(['managed', 'registered']),
  /** Of a managed one: whether its packages are those of the list that ships with the program. */
  locked: z.boolean().optional(),
  /** Exact versions of everything in the environment, `name==version`. */
  packages: z.array(z.string()).optional(),
  optionCount: z.number().optional(),
  /** Why it cannot run, or why that could not be told: whole sentences. */
  problem: z.string().optional(),
  /** Only its folder is left, which could not be deleted yet: it can be removed, and nothing else. */
  isLeftover: z.boolean().optional(),
});
export type Installation = z.infer<typeof Installation>;

/** What a look at an installation showed. */
export type InstallationCheck =
  | { readonly state: 'works' }
  /** `reason`: a sentence about it that begins with `Its` or `The`. */
  | { readonly state: 'cannot-run'; readonly reason: string }
  | { readonly state: 'unknown'; readonly reason: string };

/** How far the packages of an installation are. What was not measured is absent. */
export const PackageProgress = z.object({
  /** Packages that are there, in uv's cache or in the environment, of all that belong to it. */
  done: z.number(),
  total: z.number(),
  /** Bytes on the disk of the packages that have to be fetched, and how many that will be. */
  bytes: z.number().optional(),
  totalBytes: z.number().optional(),
  bytesPerSecond: z.number().optional(),
  secondsLeft: z.number().optional(),
});
export type PackageProgress = z.infer<typeof PackageProgress>;

export const EngineJobPhase = z.object({
  id: z.enum(['tools', 'python', 'packages', 'options', 'self-test', 'use']),
  label: z.string(),
  state: z.enum(['waiting', 'running', 'done', 'failed']),
  detail: z.string().optional(),
  /** Of `packages` while it runs. */
  progress: PackageProgress.optional(),
  seconds: z.number().optional(),
});
export type EngineJobPhase = z.infer<typeof EngineJobPhase>;

/** An installation, update or self-test under way or just ended. */
export const EngineJob = z.object({
  id: z.string(),
  engine: z.string(),
  version: z.string().optional(),
  kind: z.enum(['install', 'update', 'reinstall', 'register', 'test']),
  state: z.enum(['running', 'done', 'failed', 'cancelled']),
  /** The engine whose job has to end before this one begins; only while it waits for that. */
  queuedAfter: z.string().optional(),
  phases: z.array(EngineJobPhase),
  /** 0 to 1 over all phases. */
  fraction: z.number(),
  message: z.string(),
  startedAt: z.string(),
  endedAt: z.string().optional(),
  installationId: z.string().optional(),
  failure: Failure.optional(),
  /** The last lines of the tools' output, newest last. */
  log: z.array(z.string()),
});
export type EngineJob = z.infer<typeof EngineJob>;

/** What a server of an engine can be asked for, with a model of that kind. */
export const Capability = z.enum([
  'text',
  'vision',
  'audio',
  'embeddings',
  'tools',
  'reasoning',
  'completions',
  'responses',
  'messages',
  'metrics',
]);
export type Capability = z.infer<typeof Capability>;

/** What can be installed. */
export const AvailableEngine = z.object({
  engine: InstallableId,
  title: z.string(),
  description: z.string(),
  recommended: z.boolean(),
  capabilities: z.array(Capability),
  /** Python packages that it loads models with, as `loaders` of a model names them. */
  loadsWith: z.array(z.string()),
  /** The version that this program was tested with and ships a locked list for. */
  tested: z.string(),
  /** Newest version the registry has; null when it could not be asked. */
  version: z.string().nullable(),
  /** Installed versions. */
  installed: z.array(z.string()),
  /** What the tested version takes to fetch where nothing of it is kept; absent where that was not measured. */
  downloadBytes: z.number().optional(),
  /** What its environment then takes on the disk; absent like the other. */
  diskBytes: z.number().optional(),
});
export type AvailableEngine = z.infer<typeof AvailableEngine>;

/** How the options of one installation differ from those of another, by the names that profiles store. */
export const OptionDrift = z.object({
  added: z.array(z.string()),
  removed: z.array(z.string()),
  changed: z.array(
    z.object({
      key: z.string(),
      what: z.enum(['default', 'type', 'choices']),
      before: z.string(),
      after: z.string(),
    }),
  ),
});
export type OptionDrift = z.infer<typeof OptionDrift>;

/** What putting another installation in use would mean. */
export const VersionChange = z.object({
  from: z.string().nullable(),
  to: z.string(),
  drift: OptionDrift,
  /** Profiles that would run with it from their next start on, and what of theirs is touched. */
  profiles: z.array(
    z.object({ profileId: z.string(), name: z.string(), problems: z.array(z.string()) }),
  ),
});
export type VersionChange = z.infer<typeof VersionChange>;

export const SelfTestResult = z.object({
  passed: z.boolean(),
  seconds: z.number(),
  output: z.string().optional(),
  problem: z.string().optional(),
});
export type SelfTestResult = z.infer<typeof SelfTestResult>;
