import { z } from 'zod';

import { hasHiddenCharacters, isVisible } from '../format/hidden-characters';
import { Cluster } from './cluster';
import { ENGINE_IDS, INSTALLABLE_IDS } from './engine-ids';
import { modelRefKind } from './model-ref';
import {
  FIELD_DEFAULTS,
  FIELD_NAMES,
  type FieldWithDefault,
  hasDefault,
  isRequired,
  OPEN_FIELDS,
  PROFILE_FIELDS,
  type ProfileField,
  type RequiredField,
} from './profile-fields';

/** The lowest port that is suggested for a new profile. */
export const FIRST_SUGGESTED_PORT = 10240;

export const ProfileId = z.string().regex(/^[a-z0-9]{8,32}$/, 'must be a profile id');

export const InstallableId = z.enum(INSTALLABLE_IDS, {
  error: `engine must be one of: ${INSTALLABLE_IDS.join(', ')}`,
});
export type InstallableId = z.infer<typeof InstallableId>;

export const EngineId = z.enum(ENGINE_IDS, {
  error: `engine must be one of: ${ENGINE_IDS.join(', ')}`,
});
export type EngineId = z.infer<typeof EngineId>;

const NAME_MAX = PROFILE_FIELDS.name.maxLength;
const MODEL_MAX = PROFILE_FIELDS.model.maxLength;

/** Names are trimmed and unique without regard to case; control characters and characters that reorder text are refused. */
export const ProfileName = z
  .string({ error: 'must be text' })
  .transform((name) => name.trim().normalize('NFC'))
  .refine((name) => name.length >= 1 && [...name].length <= NAME_MAX, {
    error: `must have 1 to ${NAME_MAX} characters`,
  })
  .refine((name) => !hasHiddenCharacters(name), {
    error: 'must not contain control characters or other invisible characters',
  })
  .refine(isVisible, { error: 'must have at least one visible character' });

/** `demo`, `org/name` on Hugging Face, an absolute folder, or `none` for a custom command that brings its own. */
export const ModelRef = z
  .string({ error: 'must be text' })
  .trim()
  .min(1, 'must not be empty')
  .max(MODEL_MAX, `must have at most ${MODEL_MAX} characters`)
  .refine((ref) => !ref.includes('\0'), { error: 'must not contain a NUL character' })
  .refine((ref) => modelRefKind(ref) !== 'invalid', {
    error: 'must be demo, org/name (Hugging Face), an absolute folder, or none (custom command)',
  });

/** An engine option's value; keys are the flag without its leading dashes. */
export const OptionValue = z.union([z.string().max(65536), z.number(), z.boolean()], {
  error: 'must be text of at most 65536 characters, a number, or true or false',
});
export type OptionValue = z.infer<typeof OptionValue>;

export const OptionKey = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'an option is named by its flag without the leading dashes');

const StartPolicy = z.enum(PROFILE_FIELDS.start.choices, {
  error: 'start must be manual, app or request',
});
const RestartPolicy = z.enum(PROFILE_FIELDS.restart.choices, {
  error: 'restart must be always, on-failure or never',
});

const Options = z.record(OptionKey, OptionValue);
const Env = z.record(
  z
    .string()
    .regex(
      /^[A-Za-z_][A-Za-z0-9_]{0,127}$/,
      'an environment variable name can have letters, digits and underscores',
    ),
  z
    .string()
    .max(32768, 'an environment value can have at most 32768 characters')
    .refine((value) => !value.includes('\0'), {
      error: 'an environment value must not contain NUL',
    }),
);
const argument = z
  .string()
  .max(32768, 'an argument can have at most 32768 characters')
  .refine((value) => !value.includes('\0'), { error: 'an argument must not contain NUL' });
const ExtraArgs = z.array(argument).max(PROFILE_FIELDS.extraArgs.maxCount);

const Aliases = z
  .array(ProfileName, { error: 'must be a list of names' })
  .max(
    PROFILE_FIELDS.aliases.maxCount,
    `must have at most ${PROFILE_FIELDS.aliases.maxCount} names`,
  );

const OCTET = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const IPV4 = new RegExp(`^(?:${OCTET}\\.){3}${OCTET}$`);
const Host = z
  .string()
  .trim()
  .refine((host) => IPV4.test(host) || host === '::1' || host === 'localhost', {
    error: 'must be an IPv4 address (127.0.0.1 keeps it on this machine), ::1 or localhost',
  });

type NumberField = Extract<(typeof PROFILE_FIELDS)[ProfileField], { kind: 'number' }>;

function wholeNumber({ min, max }: NumberField) {
  const rule = `must be a whole number from ${min} to ${max}`;
  return z.number({ error: rule }).int(rule).min(min, rule).max(max, rule);
}

function seconds({ min, max }: NumberField) {
  return z
    .number({ error: `must be a number of seconds from ${min} to ${max}` })
    .min(min, `must be at least ${min} seconds`)
    .max(max, `must be at most ${max} seconds`);
}

/**
 * A program of the person's own that serves (engine `custom`). Its arguments are the profile's extra
 * arguments, in which `{port}`, `{host}` and `{model}` stand for the profile's own fields.
 */
export const CustomCommand = z.strictObject({
  /** The program, absolute. */
  command: z
    .string({ error: 'must be the absolute path of a program' })
    .max(4096, 'must have at most 4096 characters')
    .refine((path) => path.startsWith('/') && !path.includes('\0'), {
      error: 'must be the absolute path of a program',
    }),
  /** Answers 200 when the program is ready. */
  readinessPath: z
    .string({ error: 'must be a path such as /health' })
    .max(1024, 'must have at most 1024 characters')
    .regex(/^\/[\x21-\x7e]*$/, 'must be a path such as /health')
    .default('/health'),
  /** Whether it answers chat completions: then a token is asked for before it counts as ready. */
  chat: z.boolean({ error: 'must be true or false' }).default(true),
});
export type CustomCommand = z.infer<typeof CustomCommand>;

/** How each field is parsed. A field that the table lacks, or that is missing here, does not compile. */
const fields = {
  name: ProfileName,
  model: ModelRef,
  engine: EngineId,
  /** Pins the profile to one installation; null takes the engine's installation in use. */
  installation: z.string().min(1).max(PROFILE_FIELDS.installation.maxLength).nullable(),
  port: wholeNumber(PROFILE_FIELDS.port),
  host: Host,
  options: Options,
  env: Env,
  extraArgs: ExtraArgs,
  /** Only with engine `custom`, which needs it. */
  custom: CustomCommand.nullable(),
  /** Runs the model over several machines through MLX's launcher (engine `mlx-lm`). */
  cluster: Cluster.nullable(),
  start: StartPolicy,
  restart: RestartPolicy,
  loadDeadlineSeconds: seconds(PROFILE_FIELDS.loadDeadlineSeconds),
  hangLimitSeconds: seconds(PROFILE_FIELDS.hangLimitSeconds),
  aliases: Aliases,
  ttlSeconds: seconds(PROFILE_FIELDS.ttlSeconds),
  pinned: z.boolean({ error: 'must be true or false' }),
  order: wholeNumber(PROFILE_FIELDS.order),
} satisfies Record<ProfileField, z.ZodType>;
type Fields = typeof fields;

/** A stored profile. */
export const ServerProfile = z.object({
  id: ProfileId,
  ...fields,
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
export type ServerProfile = z.infer<typeof ServerProfile>;

/** What a new profile may leave out. */
type CreateShape = {
  [Field in ProfileField]: Field extends FieldWithDefault
    ? z.ZodDefault<Fields[Field]>
    : Field extends RequiredField
      ? Fields[Field]
      : z.ZodOptional<Fields[Field]>;
};

const createShape = Object.fromEntries(
  FIELD_NAMES.map((field) => {
    const schema: z.ZodType = fields[field];
    if (hasDefault(field)) return [field, schema.default(FIELD_DEFAULTS[field])];
    return [field, isRequired(field) ? schema : schema.optional()];
  }),
) as CreateShape;

const only = <Field extends ProfileField>(names: readonly Field[]) =>
  Object.fromEntries(names.map((name) => [name, true])) as Record<Field, true>;

/** Input of `profiles.createLocal`: everything. */
export const ServerProfileCreateLocal = z.strictObject(createShape);
export type ServerProfileCreateLocal = z.infer<typeof ServerProfileCreateLocal>;

/** Input of `profiles.create`: any transport. */
export const ServerProfileCreate = ServerProfileCreateLocal.pick(only(OPEN_FIELDS));
export type ServerProfileCreate = z.infer<typeof ServerProfileCreate>;

/** Change set of `profiles.updateLocal`. */
export const ServerProfileUpdateLocal = z.strictObject(fields).partial();
export type ServerProfileUpdateLocal = z.infer<typeof ServerProfileUpdateLocal>;

/** Change set of `profiles.update`; a key left out is unchanged, `options` is replaced as a whole. */
export const ServerProfileUpdate = ServerProfileUpdateLocal.pick(only(OPEN_FIELDS));
export type ServerProfileUpdate = z.infer<typeof ServerProfileUpdate>;
