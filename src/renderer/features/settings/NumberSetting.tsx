import { useEffect, useState } from 'react';
import { NumberField } from '../../components/Field';
import { FormRow } from '../../components/Form';
import { useSetting } from './use-setting';

interface NumberSettingProps {
  readonly setting: 'stopGraceSeconds' | 'sampleSeconds' | 'logFileMegabytes' | 'logFilesKept';
  readonly label: string;
  readonly hint: string;
  readonly unit?: string;
}

/** A number that is saved on Enter or when its field is left. */
export function NumberSetting({ setting, label, hint, unit }: NumberSettingProps) {
  const { value, set, problem } = useSetting(setting);
  const [typed, setTyped] = useState<number | undefined>(value);
  useEffect(() => setTyped(value), [value]);
  return (
    <FormRow
      label={label}
      hint={hint}
      problem={problem ?? (typed === undefined ? `${label} needs a number.` : undefined)}
    >
      <NumberField
        value={typed}
        onChange={setTyped}
        onCommit={() => {
          if (typed !== undefined && typed !== value) set(typed);
        }}
        width="w-28"
        {...(unit ? { unit } : {})}
      />
    </FormRow>
  );
}
