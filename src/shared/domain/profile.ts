import { z } from 'zod';
import { Cluster } from './cluster';
import { ENGINE_IDS, INSTALLABLE_IDS } from './engine-ids';

export const PORT_MIN = 1024;
export const PORT_MAX = 65535;
/** The lowest port that is suggested for a new profile (P6). */
export const FIRST_SUGGESTED_PORT = 10240;

/** Places in the list are from -ORDER_LIMIT to ORDER_LIMIT. */
export const ORDER_LIMIT = 1_000_000;

export const ProfileId = z.string().regex(/^[a-z0-9]{8,32}$/, 'must be a profile id');

export const InstallableId = z.enum(INSTALLABLE_IDS, {
  error: `engine must be one of: ${INSTALLABLE_IDS.join(', ')}`,
});
export type InstallableId = z.infer<typeof InstallableId>;

export const EngineId = z.enum(ENGINE_IDS, {
  error: `engine must be one of: ${ENGINE_IDS.join(', ')}`,
});
export type EngineId = z.infer<typeof EngineId>;

/** Names are trimmed and unique without regard to case (P1); control characters are refused, those that reorder text too. */
export const ProfileName = z
  .string({ error: 'name must be text' })
  .transform((name) => name.trim().normalize('NFC'))
  .refine((name) => name.length >= 1 && [...name].length <= 80, {
    error: 'name must have 1 to 80 characters',
  })
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  .refine((name) => !/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/.test(name), {
    error: 'name must not contain control characters',
  });

/** `demo`, `org/name` on Hugging Face, an absolute folder, or `none` for a custom command that brings its own. */
export const ModelRef = z
  .string({ error: 'model must be text' })
  .trim()
  .min(1, 'model must not be empty')
  .max(4096, 'model must have at most 4096 characters')
  .refine((ref) => !ref.includes('\0'), { error: 'model must not contain a NUL character' })
  .refine((ref) => modelRefKind(ref) !== 'invalid', {
    error:
      'model must be demo, org/name (Hugging Face), an absolute folder, or none (custom command)',
  });

/** What a model reference points at. */
export function modelRefKind(ref: string): 'demo' | 'none' | 'folder' | 'hub' | 'invalid' {
  if (ref === 'demo' || ref === 'none') return ref;
  if (ref.startsWith('/')) return 'folder';
  // Hugging Face repository ids: letters, digits, -, _, . ; no leading or trailing - or . ; no -- or ..
  const part = /^(?![-.])(?!.*(?:--|\.\.))[A-Za-z0-9._-]{1,96}(?<![-.])$/;
  const parts = ref.split('/');
  return parts.length === 2 && parts.every((p) => part.test(p)) ? 'hub' : 'invalid';
}

const port = z
  .number({ error: 'port must be a whole number from 1024 to 65535' })
  .int('port must be a whole number from 1024 to 65535')
  .min(PORT_MIN, `port must be from ${PORT_MIN} to ${PORT_MAX}`)
  .max(PORT_MAX, `port must be from ${PORT_MIN} to ${PORT_MAX}`);

/** An engine option's value; keys are the flag without its leading dashes. */
export const OptionValue = z.union([z.string().max(65536), z.number(), z.boolean()], {
  error: 'must be text of at most 65536 characters, a number, or true or false',
});
export type OptionValue = z.infer<typeof OptionValue>;

export const OptionKey = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'an option is named by its flag without the leading dashes');

export const StartPolicy = z.enum(['manual', 'app'], { error: 'start must be manual or app' });
export const RestartPolicy = z.enum(['always', 'on-failure', 'never'], {
  error: 'restart must be always, on-failure or never',
});

const Options = z.record(OptionKey, OptionValue);
const Env = z.record(
  z
    .string()
    .regex(
      /^[A-Za-z_][A-Za-z0-9_]{0,127}$/,
      'an environment variable name has letters, digits and _',
    ),
  z
    .string()
    .max(32768, 'an environment value has at most 32768 characters')
    .refine((value) => !value.includes('\0'), {
      error: 'an environment value must not contain NUL',
    }),
);
const argument = z
  .string()
  .max(32768, 'an argument has at most 32768 characters')
  .refine((value) => !value.includes('\0'), { error: 'an argument must not contain NUL' });
const ExtraArgs = z.array(argument).max(256);

const OCTET = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const IPV4 = new RegExp(`^(?:${OCTET}\\.){3}${OCTET}$`);
const Host = z
  .string()
  .trim()
  .refine((host) => IPV4.test(host) || host === '::1' || host === 'localhost', {
    error: 'host must be an IPv4 address (127.0.0.1 keeps it on this machine), ::1 or localhost',
  });

const seconds = (field: string, min: number, max: number) =>
  z
    .number({ error: `${field} must be a number of seconds from ${min} to ${max}` })
    .min(min, `${field} must be at least ${min} seconds`)
    .max(max, `${field} must be at most ${max} seconds`);

const ORDER_RANGE = `order must be a whole number from -${ORDER_LIMIT} to ${ORDER_LIMIT}`;
const order = z
  .number({ error: ORDER_RANGE })
  .int(ORDER_RANGE)
  .min(-ORDER_LIMIT, ORDER_RANGE)
  .max(ORDER_LIMIT, ORDER_RANGE);

/** Fields that every transport may set. */
const openFields = {
  name: ProfileName,
  model: ModelRef,
  engine: EngineId,
  /** Pins the profile to one installation; without it the engine's installation in use is taken. */
  installation: z.string().min(1).max(200).nullable(),
  port,
  options: Options,
  start: StartPolicy,
  restart: RestartPolicy,
  loadDeadlineSeconds: seconds('loadDeadlineSeconds', 5, 86_400),
  hangLimitSeconds: seconds('hangLimitSeconds', 5, 86_400),
};

/**
 * A program of the person's own that serves (engine `custom`). Its arguments are the profile's extra
 * arguments, in which `{port}`, `{host}` and `{model}` stand for the profile's own fields.
 */
export const CustomCommand = z.strictObject({
  /** The program, absolute. */
  command: z
    .string({ error: 'command must be the absolute path of a program' })
    .max(4096, 'command must have at most 4096 characters')
    .refine((path) => path.startsWith('/') && !path.includes('\0'), {
      error: 'command must be the absolute path of a program',
    }),
  /** Answers 200 when the program is ready. */
  readinessPath: z
    .string({ error: 'readinessPath must be a path such as /health' })
    .max(1024, 'readinessPath must have at most 1024 characters')
    .regex(/^\/[\x21-\x7e]*$/, 'readinessPath must be a path such as /health')
    .default('/health'),
  /** Whether it answers chat completions: then a token is asked for before it counts as ready. */
  chat: z.boolean({ error: 'chat must be true or false' }).default(true),
});
export type CustomCommand = z.infer<typeof CustomCommand>;

/** Fields that reach the machine beyond the engine's own options: only the desktop and the command line may set them. */
const localFields = {
  host: Host,
  env: Env,
  extraArgs: ExtraArgs,
  /** Only with engine `custom`, which needs it. */
  custom: CustomCommand.nullable(),
  /** Runs the model over several machines through MLX's launcher (engine `mlx-lm`). */
  cluster: Cluster.nullable(),
};

/** A stored profile. */
export const ServerProfile = z.object({
  id: ProfileId,
  ...openFields,
  ...localFields,
  order: z.number().int(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
export type ServerProfile = z.infer<typeof ServerProfile>;

const createOpen = z.strictObject({
  name: openFields.name,
  model: openFields.model,
  engine: openFields.engine.default('mlx-lm'),
  installation: openFields.installation.default(null),
  port: openFields.port.optional(),
  options: openFields.options.default({}),
  start: openFields.start.default('manual'),
  restart: openFields.restart.default('on-failure'),
  loadDeadlineSeconds: openFields.loadDeadlineSeconds.default(600),
  hangLimitSeconds: openFields.hangLimitSeconds.default(60),
  order: order.optional(),
});
/** Input of `profiles.create`: any transport. */
export const ServerProfileCreate = createOpen;
export type ServerProfileCreate = z.infer<typeof ServerProfileCreate>;

/** Input of `profiles.createLocal`: everything. */
export const ServerProfileCreateLocal = createOpen.extend({
  host: localFields.host.default('127.0.0.1'),
  env: localFields.env.default({}),
  extraArgs: localFields.extraArgs.default([]),
  custom: localFields.custom.default(null),
  cluster: localFields.cluster.default(null),
});
export type ServerProfileCreateLocal = z.infer<typeof ServerProfileCreateLocal>;

const updateOpen = z.strictObject(openFields).partial().extend({ order: order.optional() });
/** Change set of `profiles.update`; a key left out is unchanged, `options` is replaced as a whole. */
export const ServerProfileUpdate = updateOpen;
export type ServerProfileUpdate = z.infer<typeof ServerProfileUpdate>;

/** Change set of `profiles.updateLocal`. */
export const ServerProfileUpdateLocal = updateOpen.extend(
  z.strictObject(localFields).partial().shape,
);
export type ServerProfileUpdateLocal = z.infer<typeof ServerProfileUpdateLocal>;
