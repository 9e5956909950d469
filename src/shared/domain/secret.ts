/**
 * What of a profile is a secret, and how it is hidden. Every view, record, log and export asks here. It
 * carries no zod, so that the screens can use it.
 */
import { redactSecrets } from './redact';
import type { ServerProfile } from './profile';
import { MASK } from './secret-mask';

export { MASK };

/** Whole words of a name: `HF_TOKEN` is a secret, `TOKENIZERS_PARALLELISM` and `max-tokens` are not. */
const SECRET_NAME =
  /(^|[._-])(\w{0,32}(?:token|secret|passw(?:or)?d|passphrase|apikey|secretkey)|key|pwd|pat|credentials?|auth|authorization|bearer|cookie)([._-]|$)/i;
/** Words of names whose numbers are sizes: `--key-cache-bits 4`, `--token-limit 512`. */
const COUNT_NAME =
  /(^|[._-])(max|min|num|count|limit|size|bits|len|length|steps?|groups?)([._-]|$)/i;
const NUMBER = /^-?[\d.]+$/;
/** Shorter ones stand in every text by chance: hidden in their own place only. */
const MIN_FOUND_IN_TEXT = 6;

type Values = Readonly<Record<string, string>>;
type Options = ServerProfile['options'];
type Sources = Pick<ServerProfile, 'env' | 'options' | 'extraArgs'>;
type Named = Partial<Pick<ServerProfile, 'model' | 'name'>>;

/** Whether a variable or option of this name may hold a secret. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

/**
 * Whether a variable of this name and value may be a secret: by its name, or since it looks like nothing
 * else, whatever it is called (long, of one piece, with digits among letters, no path and no number).
 */
export function isSecretVariable(name: string, value: string): boolean {
  if (value === '') return false;
  return isSecretName(name) ? !isCount(name, value) : looksLikeSecret(value);
}

/** The same variables with secret values replaced by the mask. */
export function maskSecrets(values: Values): Record<string, string> {
  return maskedBy(values, isSecretVariable);
}

/** The same variables with every value replaced by the mask: nobody can tell what somebody else's name means. */
export function maskAll(values: Values): Record<string, string> {
  return maskedBy(values, () => true);
}

/** Hides what is a secret by its flag, its name (`--env NAME=value`), its look, or since it is known. */
export function maskArguments(argv: readonly string[], known: readonly string[] = []): string[] {
  return argv.map((word, index) => maskWord(word, argv[index - 1] ?? '', known));
}

/** What no text about this profile may show. */
export function secretsOf({ env, options, extraArgs, ...names }: Sources & Named): string[] {
  const variables = Object.entries(env).filter(([name, value]) => isSecretVariable(name, value));
  const settings = Object.entries(options).filter(([name, value]) => isSecretOption(name, value));
  const found = [
    ...variables.map(([, value]) => value),
    ...settings.map(([, value]) => String(value)),
    ...extraArgs.flatMap((word, index) => secretIn(word, extraArgs[index - 1] ?? '') ?? []),
  ];
  // What the profile and its model are called is to be read.
  const isNamed = (value: string): boolean =>
    [names.model, names.name].some((name) => name?.includes(value));
  const long = found.filter((value) => value.length >= MIN_FOUND_IN_TEXT && !isNamed(value));
  // One may be a part of another: the longest first.
  return [...new Set(long)].sort((a, b) => b.length - a.length);
}

/**
 * A profile for people: for those at this machine (`secrets`) or for anybody (`variables`), who see no
 * value of its environment at all.
 */
export function maskProfile<Profile extends Sources & Named>(
  profile: Profile,
  hidden: 'secrets' | 'variables',
): Profile {
  const { env, options, extraArgs } = profile;
  return {
    ...profile,
    env: hidden === 'variables' ? maskAll(env) : maskSecrets(env),
    options: maskOptions(options),
    extraArgs: maskArguments(extraArgs, secretsOf(profile)),
  };
}

/** Given values with what is masked in them as it is stored: a view sends back what it was shown. */
export function restoreMasked<Value>(
  given: Readonly<Record<string, Value>>,
  stored: Readonly<Record<string, Value>>,
): Record<string, Value> {
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => [
      name,
      value === MASK && Object.hasOwn(stored, name) ? (stored[name] ?? value) : value,
    ]),
  );
}

function maskOptions(options: Options): Options {
  return Object.fromEntries(
    Object.entries(options).map(([name, value]) => [
      name,
      isSecretOption(name, value) ? MASK : value,
    ]),
  );
}

function isSecretOption(name: string, value: string | number | boolean): boolean {
  if (typeof value === 'boolean' || value === '') return false;
  return isSecretName(name) && !isCount(name, String(value));
}

function maskedBy(
  values: Values,
  isHidden: (name: string, value: string) => boolean,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, isHidden(name, value) ? MASK : value]),
  );
}

function maskWord(word: string, before: string, known: readonly string[]): string {
  const secret = secretIn(word, before);
  const shown =
    secret === undefined ? word : `${word.slice(0, word.length - secret.length)}${MASK}`;
  return redactSecrets(shown, known);
}

/** The secret that a word ends with, by what stands before it. */
function secretIn(word: string, before: string): string | undefined {
  const flag = /^--?([^=\s]+)$/.exec(before)?.[1];
  const isFlag = /^--?[A-Za-z]/.test(word);
  if (flag !== undefined && !isFlag && isSecretName(flag) && !isCount(flag, word)) return word;
  const [, name, value] = /^-{0,2}([A-Za-z_][\w.-]{0,127})=(.+)$/s.exec(word) ?? [];
  if (name === undefined || value === undefined) return undefined;
  return isSecretVariable(name, value) ? value : undefined;
}

function isCount(name: string, value: string): boolean {
  return NUMBER.test(value) && COUNT_NAME.test(name);
}

/** Of one piece, with digits among letters: a path, an address, a list, a word and a number are none. */
function looksLikeSecret(value: string): boolean {
  return /^[^\s/:,]{12,}$/.test(value) && /\d/.test(value) && /[A-Za-z]/.test(value);
}
