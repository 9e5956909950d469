import { z } from 'zod';

import { ERROR_CODES, FAILURE_CODES } from '../errors';
import type { ActionId } from '../errors/action';

const plain = <Id extends ActionId>(id: Id) =>
  z.object({ id: z.literal(id), label: z.string() }).readonly();
const about = <Id extends ActionId, Shape extends z.ZodRawShape>(id: Id, shape: Shape) =>
  z.object({ id: z.literal(id), label: z.string(), params: z.object(shape).readonly() }).readonly();

/** The schema of the type in `errors/action.ts`; a test keeps the two the same. */
export const Action = z.discriminatedUnion('id', [
  plain('retry'),
  plain('retry_stop'),
  about('next_port', { port: z.number() }),
  plain('safe_mode'),
  plain('start_anyway'),
  about('make_room', { profileId: z.string() }),
  about('start', { profile: z.string() }),
  about('stop', { profileId: z.string() }),
  plain('serve'),
  about('edit_options', {
    field: z.string().optional(),
    purpose: z.enum(['memory', 'custom_code', 'machines', 'model', 'port', 'engine']).optional(),
    profile: z.string().optional(),
  }),
  plain('raise_deadline'),
  about('open_models', { ref: z.string().optional() }),
  about('download_model', { ref: z.string() }),
  plain('free_space'),
  about('resume_download', { downloadId: z.string(), ref: z.string() }),
  about('mount_folder', { path: z.string() }),
  plain('set_token'),
  about('open_model_page', { ref: z.string() }),
  plain('check_network'),
  about('open_engines', {
    engine: z.string().optional(),
    purpose: z.enum(['install', 'newer', 'follow']),
  }),
  about('reinstall_engine', {
    engine: z.string(),
    version: z.string().optional(),
    installationId: z.string().optional(),
  }),
  about('repair_environment', { engine: z.string(), installationId: z.string() }),
  about('remove_installation', { engine: z.string(), installationId: z.string() }),
  about('cancel_job', { job: z.string() }),
  about('install_python', {
    version: z.string().optional(),
    platform: z.enum(['darwin', 'linux']).optional(),
  }),
  plain('install_pip'),
  about('install_package', { python: z.string(), package: z.string() }),
  plain('gateway_port'),
  plain('use_apple_silicon'),
  plain('unlock_keychain'),
  plain('use_newer_version'),
  about('make_private', { path: z.string() }),
  about('give_access', { path: z.string(), variable: z.string().optional() }),
]);

/** One line of evidence for a failure: what was seen. */
export const Evidence = z.object({ label: z.string(), text: z.string() });
export type Evidence = z.infer<typeof Evidence>;

/** Why something of ours did not work out: a server, a download, an installation, a verification. */
export const Failure = z.object({
  code: z.enum([...ERROR_CODES, ...FAILURE_CODES]),
  /** One sentence, for every view as it stands. */
  message: z.string(),
  action: Action.optional(),
  evidence: z.array(Evidence),
  /** Bytes of memory or of the disk that are missing. */
  shortBytes: z.number().optional(),
});
export type Failure = z.infer<typeof Failure>;

/**
 * A failure as a document keeps it. Another version of the program may have written it: a code, an action or a
 * fact that this one does not know is left out, and the sentence stays.
 */
export const StoredFailure = Failure.extend({
  code: Failure.shape.code.catch('internal'),
  action: Action.optional().catch(undefined),
  evidence: z.array(Evidence).catch([]),
  shortBytes: z.number().optional().catch(undefined),
});
