import { useEffect, useRef } from 'react';

import { useLive } from '@renderer/live/use-live';
import { useRpcCommand } from '@renderer/queries/use-rpc';
import { settingProblem } from '@renderer/text/setting-labels';
import type { SettingKey, Settings } from '@shared/domain/settings';
import { DomainError } from '@shared/errors';
import { isDefault } from './setting-defaults';

/** What was typed here and was saved elsewhere to another value: a person decides. */
export interface SettingConflict {
  readonly stored: unknown;
  readonly given: unknown;
  readonly keepMine: () => void;
  readonly keepStored: () => void;
}

export interface Setting<K extends SettingKey> {
  readonly key: K;
  readonly value: Settings[K];
  /** Typing begins: what it is now is what the change is based on. */
  readonly begin: () => void;
  /** Typing ended without a change. */
  readonly end: () => void;
  /** Saves at once. */
  readonly set: (value: Settings[K]) => void;
  /** Back to the default; absent where it is that already. */
  readonly reset: (() => void) | undefined;
  /** Why the last change was refused. */
  readonly problem: string | undefined;
  readonly conflict: SettingConflict | undefined;
  /** Forgets the refusal: the person is about to try something else. */
  readonly dismiss: () => void;
}

/** What a change is based on: the value when it was begun, or this control's own change that is on its way. */
function useBase<V>(value: V) {
  const known = useRef(value);
  const begun = useRef<{ readonly value: V }>(undefined);
  useEffect(() => {
    known.current = value;
  }, [value]);
  return {
    begin: (): void => {
      begun.current ??= { value: known.current };
    },
    send: (next: V) => {
      const from = begun.current ?? { value: known.current };
      const before = known.current;
      begun.current = undefined;
      known.current = next;
      return {
        base: from.value,
        failed: (): void => {
          known.current = before;
          begun.current = from;
        },
      };
    },
    /** What is shown now is what counts from here on. */
    forget: (): void => {
      known.current = value;
      begun.current = undefined;
    },
  };
}

/** One setting: what is true now, and the ways to change it. */
export function useSetting<K extends SettingKey>(key: K): Setting<K> {
  const value = useLive((data) => data.settings[key]) as Settings[K];
  const change = useRpcCommand('settings.set');
  const reset = useRpcCommand('settings.reset');
  const error = change.error ?? reset.error;
  const dismiss = (): void => {
    change.reset();
    reset.reset();
  };
  const { begin, send, forget } = useBase(value);
  const save = (next: Settings[K]): void => {
    dismiss();
    const { base, failed } = send(next);
    change.mutate({ key, value: next, base }, { onError: failed });
  };
  const given = change.variables?.value as Settings[K] | undefined;
  const isConflict = error instanceof DomainError && error.code === 'conflict';
  return {
    key,
    value,
    begin,
    end: forget,
    // To leave the field for the buttons of a conflict is no second try: it would take them away under the click.
    set: (next) => {
      if (!isConflict || next !== given) save(next);
    },
    reset: isDefault(key, value)
      ? undefined
      : () => {
          forget();
          dismiss();
          reset.mutate({ key });
        },
    problem: error && !isConflict ? settingProblem(error) : undefined,
    conflict:
      isConflict && given !== undefined
        ? {
            stored: value,
            given,
            keepMine: () => {
              forget();
              save(given);
            },
            keepStored: () => {
              forget();
              dismiss();
            },
          }
        : undefined,
    dismiss,
  };
}
