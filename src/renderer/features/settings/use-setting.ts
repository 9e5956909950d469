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
  /** Saves at once. `base` is what it was when the change was begun, where that was earlier. */
  readonly set: (value: Settings[K], base?: Settings[K]) => void;
  /** Back to the default; absent where it is that already. */
  readonly reset: (() => void) | undefined;
  /** Why the last change was refused. */
  readonly problem: string | undefined;
  readonly conflict: SettingConflict | undefined;
  /** Forgets the refusal: the person is about to try something else. */
  readonly dismiss: () => void;
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
  const set = (next: Settings[K], base: Settings[K] = value): void => {
    dismiss();
    change.mutate({ key, value: next, base });
  };
  const given = change.variables?.value as Settings[K] | undefined;
  const isConflict = error instanceof DomainError && error.code === 'conflict';
  return {
    key,
    value,
    set,
    reset: isDefault(key, value)
      ? undefined
      : () => {
          dismiss();
          reset.mutate({ key });
        },
    problem: error && !isConflict ? settingProblem(key, error) : undefined,
    conflict:
      isConflict && given !== undefined
        ? { stored: value, given, keepMine: () => set(given), keepStored: dismiss }
        : undefined,
    dismiss,
  };
}
