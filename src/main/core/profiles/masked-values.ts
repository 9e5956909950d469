import type { ServerProfile } from '@shared/domain/profile';
import { MASK, restoreMasked } from '@shared/domain/secret';
import { validationError } from '@shared/errors';

type Given = Readonly<Record<string, unknown>>;
type Stored = Pick<ServerProfile, 'options' | 'env'>;

/**
 * What a view sends with the values that it was shown masked as they are stored, for it replaces options and
 * environment as a whole. @throws DomainError validation for a mask that stands for nothing.
 */
export function withStoredSecrets<Input extends Given>(
  given: Input,
  before: Stored | undefined,
): Input {
  return { ...given, ...restored(given, before, 'options'), ...restored(given, before, 'env') };
}

function restored(given: Given, before: Stored | undefined, field: keyof Stored): Given {
  const values = given[field];
  if (typeof values !== 'object' || values === null || Array.isArray(values)) return {};
  const whole = restoreMasked<unknown>(values as Record<string, unknown>, before?.[field] ?? {});
  const left = Object.keys(whole).find((name) => whole[name] === MASK);
  if (left === undefined) return { [field]: whole };
  const message = `${field}.${left} is only a mask for a secret. Enter the secret itself.`;
  throw validationError([{ field: `${field}.${left}`, message }]);
}
