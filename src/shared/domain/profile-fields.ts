/**
 * Every field of a profile that a person can set, listed once. The schemas (profile.ts), the form, the
 * command line and "restart to apply" take their fields, limits and defaults from this table. It carries
 * no zod, so that the screens can use it.
 */
import { ENGINE_IDS } from './engine-ids';

interface CommonFacts {
  /** What people call the field. */
  readonly label: string;
  /**
   * The field reaches the machine beyond the engine's own options, so only the desktop application and
   * the command line may set it, never a request over HTTP.
   */
  readonly localOnly: boolean;
  /** A running server keeps the old value until it is restarted. */
  readonly needsRestart: boolean;
  /** A new profile cannot be without it. */
  readonly required?: true;
  /** The value of a new profile that does not say; without one the manager chooses (a free port, the last place). */
  readonly default?: unknown;
}

type ShapeFacts =
  | { readonly kind: 'text'; readonly maxLength?: number; readonly nullable?: true }
  | {
      readonly kind: 'number';
      readonly min: number;
      readonly max: number;
      readonly whole: boolean;
      readonly unit?: 's';
    }
  | { readonly kind: 'choice'; readonly choices: readonly string[] }
  | { readonly kind: 'switch' }
  /** Other names of the same profile. */
  | { readonly kind: 'names'; readonly maxCount: number }
  /** The engine's options, by flag. */
  | { readonly kind: 'options' }
  /** Environment variables by name. */
  | { readonly kind: 'variables' }
  | { readonly kind: 'arguments'; readonly maxCount: number }
  /** Several values that belong together, or null. */
  | { readonly kind: 'group' };

// Whoever hands out a record or a list as a default copies it.
const NO_OPTIONS: Record<string, string | number | boolean> = {};
const NO_VARIABLES: Record<string, string> = {};
const NO_ARGUMENTS: string[] = [];
const NO_NAMES: string[] = [];

export const PROFILE_FIELDS = {
  name: {
    label: 'Name',
    kind: 'text',
    maxLength: 80,
    required: true,
    localOnly: false,
    needsRestart: false,
  },
  model: {
    label: 'Model',
    kind: 'text',
    maxLength: 4096,
    required: true,
    localOnly: false,
    needsRestart: true,
  },
  engine: {
    label: 'Engine',
    kind: 'choice',
    choices: ENGINE_IDS,
    default: 'mlx-lm',
    localOnly: false,
    needsRestart: true,
  },
  installation: {
    label: 'Installation',
    kind: 'text',
    maxLength: 200,
    nullable: true,
    default: null,
    localOnly: false,
    needsRestart: true,
  },
  /** Unique among profiles. */
  port: {
    label: 'Port',
    kind: 'number',
    min: 1024,
    max: 65_535,
    whole: true,
    localOnly: false,
    needsRestart: true,
  },
  host: {
    label: 'Host',
    kind: 'text',
    default: '127.0.0.1',
    localOnly: true,
    needsRestart: true,
  },
  options: {
    label: 'Options',
    kind: 'options',
    default: NO_OPTIONS,
    localOnly: false,
    needsRestart: true,
  },
  env: {
    label: 'Environment',
    kind: 'variables',
    default: NO_VARIABLES,
    localOnly: true,
    needsRestart: true,
  },
  extraArgs: {
    label: 'Extra arguments',
    kind: 'arguments',
    maxCount: 256,
    default: NO_ARGUMENTS,
    localOnly: true,
    needsRestart: true,
  },
  custom: {
    label: 'Command',
    kind: 'group',
    default: null,
    localOnly: true,
    needsRestart: true,
  },
  cluster: {
    label: 'Machines',
    kind: 'group',
    default: null,
    localOnly: true,
    needsRestart: true,
  },
  start: {
    label: 'Start',
    kind: 'choice',
    choices: ['manual', 'app', 'request'],
    default: 'request',
    localOnly: false,
    needsRestart: false,
  },
  restart: {
    label: 'Restart',
    kind: 'choice',
    choices: ['always', 'on-failure', 'never'],
    default: 'on-failure',
    localOnly: false,
    needsRestart: false,
  },
  loadDeadlineSeconds: {
    label: 'Loading timeout',
    kind: 'number',
    min: 5,
    max: 86_400,
    whole: false,
    unit: 's',
    default: 600,
    localOnly: false,
    needsRestart: false,
  },
  hangLimitSeconds: {
    label: 'Restart if stuck for',
    kind: 'number',
    min: 5,
    max: 86_400,
    whole: false,
    unit: 's',
    default: 60,
    localOnly: false,
    needsRestart: false,
  },
  /** Names beside its own under which programs can ask the gateway for it. */
  aliases: {
    label: 'Aliases',
    kind: 'names',
    maxCount: 20,
    default: NO_NAMES,
    localOnly: false,
    needsRestart: false,
  },
  /** Unloaded when no request came for so long; 0: never. */
  ttlSeconds: {
    label: 'Unload when unused for',
    kind: 'number',
    min: 0,
    max: 2_592_000,
    whole: false,
    unit: 's',
    default: 0,
    localOnly: false,
    needsRestart: false,
  },
  /** The gateway never unloads it, neither for another model nor when it is unused. */
  pinned: {
    label: 'Keep loaded',
    kind: 'switch',
    default: false,
    localOnly: false,
    needsRestart: false,
  },
  order: {
    label: 'Position in the list',
    kind: 'number',
    min: -1_000_000,
    max: 1_000_000,
    whole: true,
    localOnly: false,
    needsRestart: false,
  },
} as const satisfies Readonly<Record<string, CommonFacts & ShapeFacts>>;

type Table = typeof PROFILE_FIELDS;
export type ProfileField = keyof Table;

/** The fields whose facts include these, e.g. `FieldsWith<{ localOnly: true }>`. */
export type FieldsWith<Facts> = {
  [Field in ProfileField]: Table[Field] extends Facts ? Field : never;
}[ProfileField];

export type LocalField = FieldsWith<{ localOnly: true }>;
export type OpenField = Exclude<ProfileField, LocalField>;
export type FieldWithDefault = FieldsWith<{ default: unknown }>;
export type RequiredField = FieldsWith<{ required: true }>;

export const FIELD_NAMES = Object.keys(PROFILE_FIELDS) as ProfileField[];

export function isLocalField(field: ProfileField): field is LocalField {
  return PROFILE_FIELDS[field].localOnly;
}

export function hasDefault(field: ProfileField): field is FieldWithDefault {
  return 'default' in PROFILE_FIELDS[field];
}

export function isRequired(field: ProfileField): field is RequiredField {
  return 'required' in PROFILE_FIELDS[field];
}

/** Fields that any view may set. */
export const OPEN_FIELDS = FIELD_NAMES.filter((field): field is OpenField => !isLocalField(field));
export const LOCAL_FIELDS = FIELD_NAMES.filter(isLocalField);
/** Fields whose change needs a new process, in a fixed order: records of running servers compare them. */
export const LAUNCH_FIELDS = FIELD_NAMES.filter((field) => PROFILE_FIELDS[field].needsRestart);

type Defaults = { readonly [Field in FieldWithDefault]: Table[Field]['default'] };

/** What a profile begins with, in every field that has a usual value; copy what can be changed. */
export const FIELD_DEFAULTS = Object.fromEntries(
  FIELD_NAMES.filter(hasDefault).map((field) => [field, PROFILE_FIELDS[field].default]),
) as Defaults;
