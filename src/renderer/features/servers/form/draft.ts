import type { Input, RawInput } from '@shared/contract';
import type { OptionValue, ServerProfile } from '@shared/domain/profile';

/** A profile as it stands in the form. What cannot be read as a number stays as the typed text. */
export interface ProfileDraft {
  readonly name: string;
  readonly model: string;
  readonly engine: ServerProfile['engine'];
  readonly installation: string | null;
  readonly port: number | string | undefined;
  readonly options: Readonly<Record<string, OptionValue>>;
  readonly start: ServerProfile['start'];
  readonly restart: ServerProfile['restart'];
  readonly loadDeadlineSeconds: number | string | undefined;
  readonly hangLimitSeconds: number | string | undefined;
  readonly host: string;
  /** Lines of `NAME=value`. */
  readonly env: string;
  /** One argument a line. */
  readonly extraArgs: string;
  readonly custom: ServerProfile['custom'];
  readonly cluster: ServerProfile['cluster'];
}

/** What a new profile begins with. */
export function newDraft(port: number | undefined, model: string): ProfileDraft {
  return {
    name: '',
    model,
    engine: 'mlx-lm',
    installation: null,
    port,
    options: {},
    start: 'manual',
    restart: 'on-failure',
    loadDeadlineSeconds: 600,
    hangLimitSeconds: 60,
    host: '127.0.0.1',
    env: '',
    extraArgs: '',
    custom: null,
    cluster: null,
  };
}

/** A stored profile in the form. */
export function draftOf(profile: ServerProfile): ProfileDraft {
  const { name, model, engine, installation, port, options, start, restart, host } = profile;
  const { loadDeadlineSeconds, hangLimitSeconds } = profile;
  return {
    ...{ name, model, engine, installation, port, options, start, restart, host },
    ...{ loadDeadlineSeconds, hangLimitSeconds },
    env: Object.entries(profile.env)
      .map(([key, value]) => `${key}=${value}`)
      .join('\n'),
    extraArgs: profile.extraArgs.join('\n'),
    custom: profile.custom,
    cluster: profile.cluster,
  };
}

const lines = (text: string): string[] => text.split('\n').filter((line) => line.trim() !== '');

/** `NAME=value` lines as a map; a line without `=` is a name without a value. */
function parseEnv(text: string): Record<string, string> {
  return Object.fromEntries(
    lines(text).map((line) => {
      const at = line.indexOf('=');
      return at < 0 ? [line.trim(), ''] : [line.slice(0, at).trim(), line.slice(at + 1)];
    }),
  );
}

/** What is sent to be checked, shown or saved; local fields only where they may be set. */
export function draftValues(draft: ProfileDraft, local: boolean): Record<string, unknown> {
  const { host, env, extraArgs, custom, cluster, ...open } = draft;
  const values = Object.entries(open).filter(([, value]) => value !== undefined);
  return {
    ...Object.fromEntries(values),
    ...(local ? { host, env: parseEnv(env), extraArgs: lines(extraArgs), custom, cluster } : {}),
  };
}

/** Only what differs from the stored profile. */
export function draftChanges(
  draft: ProfileDraft,
  stored: ProfileDraft,
  local: boolean,
): Record<string, unknown> {
  const before = draftValues(stored, local);
  return Object.fromEntries(
    Object.entries(draftValues(draft, local)).filter(
      ([key, value]) => JSON.stringify(value) !== JSON.stringify(before[key]),
    ),
  );
}

export type CreateInput = RawInput<'profiles.create'>;
export type CheckProblems = readonly { readonly field: string; readonly message: string }[];
export type UpdateInput = Input<'profiles.update'>['changes'];
