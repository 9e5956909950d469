import { describeValue } from '@shared/describe-value';
import { isSecretName, MASK } from '@shared/domain/secret';
import type { Clash } from '@shared/domain/merge-changes';
import { DomainError } from '@shared/errors';

/** The refusal of changes that would wipe what somebody else saved meanwhile: with both values, secrets masked. */
export function changedMeanwhile(what: string, clashes: readonly Clash[]): DomainError {
  const fields = clashes.map(({ field, base, stored, given }) => {
    const path = field.split('.');
    const say = (value: unknown): string =>
      value === undefined ? 'not set' : describeValue(value, path);
    const name = path.length > 1 ? path.slice(1).join('.') : field;
    const message = `${name} of ${what} was changed elsewhere from ${say(base)} to ${say(stored)}, so ${say(given)} wasn't saved.`;
    return { field, message };
  });
  const conflicts = clashes.map((clash) => (isSecret(clash.field) ? masked(clash) : { ...clash }));
  const message = fields.map((one) => one.message).join(' ');
  return new DomainError('conflict', message, { data: { fields, conflicts } });
}

function isSecret(field: string): boolean {
  const [group, ...name] = field.split('.');
  return group === 'env' || name.some(isSecretName);
}

function masked(clash: Clash): Clash {
  const hide = (value: unknown): unknown => (value === undefined ? undefined : MASK);
  return {
    field: clash.field,
    base: hide(clash.base),
    stored: hide(clash.stored),
    given: hide(clash.given),
  };
}
