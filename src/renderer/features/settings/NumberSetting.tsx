import { useEffect, useState } from 'react';

import { NumberField } from '@renderer/components/Field';
import type { SettingKey, Settings } from '@shared/domain/settings';
import { SettingRow } from './SettingRow';
import { useSetting } from './use-setting';

type NumberKey = {
  [K in SettingKey]: Settings[K] extends number ? K : never;
}[SettingKey];

interface NumberSettingProps {
  readonly name: NumberKey;
  readonly hint: string;
  readonly unit?: string;
}

/** A number as it is typed; undefined where it is none yet. */
interface Typed {
  readonly value: number | undefined;
}

/** A number that is saved on Enter or when its field is left. A change elsewhere takes nothing away that is typed. */
export function NumberSetting({ name, hint, unit }: NumberSettingProps) {
  const setting = useSetting(name);
  const { value, conflict, reset } = setting;
  const [typed, setTyped] = useState<Typed>();
  useEffect(() => setTyped((now) => (now?.value === value ? undefined : now)), [value]);
  const untyped = (then: () => void) => () => {
    setTyped(undefined);
    then();
  };
  return (
    <SettingRow
      setting={{
        ...setting,
        reset: reset && untyped(reset),
        conflict: conflict && { ...conflict, keepStored: untyped(conflict.keepStored) },
      }}
      hint={hint}
      problem={typed && typed.value === undefined ? 'Enter a number.' : undefined}
    >
      <NumberField
        value={typed ? typed.value : value}
        onChange={(next) => {
          setting.begin();
          setTyped({ value: next });
          setting.dismiss();
        }}
        onCommit={() => {
          if (typed?.value === undefined) return;
          if (typed.value === value) untyped(setting.end)();
          else setting.set(typed.value);
        }}
        width="w-28"
        {...(unit ? { unit } : {})}
      />
    </SettingRow>
  );
}
