/** Shown instead of a secret. */
export const MASK = '••••••';

/** Whole words of a name: `HF_TOKEN` is a secret, `TOKENIZERS_PARALLELISM` and `max-tokens` are not. */
const SECRET_NAME = /(^|[_-])(token|secret|passw(or)?d|key|apikey|credentials?|auth)([_-]|$)/i;

/** Whether a variable or option of this name may hold a secret. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

/** The same map with secret values replaced by the mask. */
export function maskSecrets(values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, isSecretName(name) ? MASK : value]),
  );
}
