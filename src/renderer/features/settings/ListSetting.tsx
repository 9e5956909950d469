import { useEffect, useRef, useState } from 'react';

import { TextArea } from '@renderer/components/Field';
import type { SettingKey, Settings } from '@shared/domain/settings';
import { SettingRow } from './SettingRow';
import { useSetting } from './use-setting';

type ListKey = {
  [K in SettingKey]: Settings[K] extends string[] ? K : never;
}[SettingKey];

interface ListSettingProps {
  readonly name: Exclude<ListKey, 'modelFolders' | 'notifications'>;
  readonly hint: string;
}

/** A list with one entry per line, saved when its field is left. A change elsewhere takes nothing away that is typed. */
export function ListSetting({ name, hint }: ListSettingProps) {
  const setting = useSetting(name);
  const saved = setting.value.join('\n');
  const [typed, setTyped] = useState<string>();
  /** What is typed is on its way: the next value is the answer, perhaps spelled as the manager stores it. */
  const isSent = useRef(false);
  useEffect(() => {
    const isAnswer = isSent.current;
    isSent.current = false;
    setTyped((now) => (isAnswer || now === saved ? undefined : now));
  }, [saved]);
  const { reset, conflict } = setting;
  const untyped = (then: () => void) => () => {
    setTyped(undefined);
    then();
  };
  const commit = (): void => {
    if (typed === undefined) return;
    const entries = typed.split('\n').map((line) => line.trim());
    const next = [...new Set(entries)].filter((entry) => entry !== '');
    if (next.join('\n') === saved) untyped(setting.end)();
    else {
      isSent.current = true;
      setting.set(next);
    }
  };
  return (
    <SettingRow
      stacked
      setting={{
        ...setting,
        reset: reset && untyped(reset),
        conflict: conflict && { ...conflict, keepStored: untyped(conflict.keepStored) },
      }}
      hint={hint}
    >
      <TextArea
        rows={2}
        value={typed ?? saved}
        onChange={(text) => {
          isSent.current = false;
          setting.begin();
          setTyped(text);
          setting.dismiss();
        }}
        onBlur={commit}
      />
    </SettingRow>
  );
}
