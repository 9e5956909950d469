import { useLive } from '@renderer/live/use-live';
import { useRpcCommand } from '@renderer/queries/use-rpc';
import { settingProblem } from '@renderer/text/setting-labels';
import type { SettingKey, Settings } from '@shared/domain/settings';
import { isDefault } from './setting-defaults';

export interface Setting<K extends SettingKey> {
  readonly key: K;
  readonly value: Settings[K];
  /** Saves at once. */
  readonly set: (value: Settings[K]) => void;
  /** Back to the default; absent where it is that already. */
  readonly reset: (() => void) | undefined;
  /** Why the last change was refused. */
  readonly problem: string | undefined;
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
  return {
    key,
    value,
    set: (next) => {
      dismiss();
      change.mutate({ key, value: next });
    },
    reset: isDefault(key, value)
      ? undefined
      : () => {
          dismiss();
          reset.mutate({ key });
        },
    problem: error ? settingProblem(key, error) : undefined,
    dismiss,
  };
}
