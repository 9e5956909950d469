import type { FieldProblem } from '@shared/errors';

/** Beginnings of rules, and how a person is asked for the same. */
const REQUESTS: readonly (readonly [RegExp, string])[] = [
  [/^must be given$|^must not be empty$|^needs a value.*$/, 'Enter a value'],
  [/^must be one of: /, 'Choose one of: '],
  [/^must be from /, 'Enter a number from '],
  [/^must look like /, 'Enter a value such as '],
  [/^must not contain /, 'Remove '],
  [/^must (?:be|have) /, 'Enter '],
];

/**
 * What is wrong with what stands in a field, for the line below it: what to enter. The sentence itself names the
 * field as programs know it, which nobody has seen on the screen.
 */
export function fieldSentence({
  field,
  message,
  rule,
}: Pick<FieldProblem, 'message' | 'rule'> & { readonly field?: string }): string {
  if (rule === undefined) return message;
  if (field === 'model' && REQUESTS[0]?.[0].test(rule)) return 'Choose a model.';
  const [begin, request] = REQUESTS.find(([one]) => one.test(rule)) ?? [/^/, 'This '];
  return `${rule.replace(begin, request)}.`;
}
