import { useEffect, useState } from 'react';

import { NumberField } from '@renderer/components/Field';
import { SETTING_LABELS } from '@renderer/text/setting-labels';
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

/** A number that is saved on Enter or when its field is left. */
export function NumberSetting({ name, hint, unit }: NumberSettingProps) {
  const setting = useSetting(name);
  const { value } = setting;
  const [typed, setTyped] = useState<number | undefined>(value);
  useEffect(() => setTyped(value), [value]);
  return (
    <SettingRow
      setting={setting}
      hint={hint}
      problem={typed === undefined ? `${SETTING_LABELS[name]} needs a number.` : undefined}
    >
      <NumberField
        value={typed}
        onChange={(next) => {
          setTyped(next);
          setting.dismiss();
        }}
        onCommit={() => {
          if (typed !== undefined && typed !== value) setting.set(typed);
        }}
        width="w-28"
        {...(unit ? { unit } : {})}
      />
    </SettingRow>
  );
}
