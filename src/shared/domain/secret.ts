/** Shown instead of a secret. */
export const MASK = '••••••';

const SECRET_NAME = /token|secret|passw|api_?key|_key$|credential|auth/i;

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
