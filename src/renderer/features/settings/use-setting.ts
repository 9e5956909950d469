import type { Settings } from '@shared/domain/settings';
import { errorSentence } from '../../components/ErrorBlock';
import { useLive } from '../../live/use-live';
import { useTell } from '../../queries/use-ask';

interface Setting<K extends keyof Settings> {
  readonly value: Settings[K];
  /** Saves at once. */
  readonly set: (value: Settings[K]) => void;
  /** Why the last change was refused. */
  readonly problem: string | undefined;
}

/** One setting: what is true now, and the way to change it. */
export function useSetting<K extends keyof Settings>(key: K): Setting<K> {
  const value = useLive((data) => data.settings[key]) as Settings[K];
  const tell = useTell('settings.set');
  return {
    value,
    set: (next) => tell.mutate({ key, value: next }),
    problem: tell.error ? errorSentence(tell.error) : undefined,
  };
}
