import type { EngineOption, OptionDrift } from '@shared/domain/engine';
import type { ServerProfile } from '@shared/domain/profile';

import type { EngineAdapter } from '../adapters/adapter';
import { checkOptions } from './option-checks';

const text = (value: unknown): string => (value === undefined ? 'none' : String(value));

/** What changed between the options of two installations; those that the manager sets itself are left out. */
export function optionDrift(
  before: readonly EngineOption[],
  after: readonly EngineOption[],
): OptionDrift {
  const open = (options: readonly EngineOption[]): EngineOption[] =>
    options.filter(({ reserved }) => !reserved);
  const [old, fresh] = [open(before), open(after)];
  const find = (options: readonly EngineOption[], key: string): EngineOption | undefined =>
    options.find((option) => option.key === key);
  return {
    added: fresh.filter(({ key }) => !find(old, key)).map(({ key }) => key),
    removed: old.filter(({ key }) => !find(fresh, key)).map(({ key }) => key),
    changed: fresh.flatMap((option) => {
      const earlier = find(old, option.key);
      return earlier ? changesOf(earlier, option) : [];
    }),
  };
}

/** What of a profile's options the change touches: what it may no longer set, and what it now means. */
export function profileProblems(
  options: ServerProfile['options'],
  drift: OptionDrift,
  after: readonly EngineOption[],
  adapter: EngineAdapter,
): string[] {
  const refused = checkOptions(options, after, adapter, { local: true });
  const changed = drift.changed.filter(({ key }) => key in options);
  return [
    ...refused.map(({ message }) => message),
    ...changed.map(
      ({ key, what, before, after: now }) => `${what} of ${key} changes from ${before} to ${now}.`,
    ),
  ];
}

function changesOf(before: EngineOption, after: EngineOption): OptionDrift['changed'] {
  const facts = [
    ['default', text(before.default), text(after.default)],
    ['type', before.type, after.type],
    ['choices', text(before.choices?.join(', ')), text(after.choices?.join(', '))],
  ] as const;
  return facts
    .filter(([, old, fresh]) => old !== fresh)
    .map(([what, old, fresh]) => ({ key: after.key, what, before: old, after: fresh }));
}
