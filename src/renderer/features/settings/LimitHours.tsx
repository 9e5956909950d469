import { useEffect, useState } from 'react';

import { Field } from '@renderer/components/Field';
import { Switch } from '@renderer/components/Switch';
import { FIRST_HOURS, type Hours, hoursOf, hoursSentence, timeOf } from './limit-hours';
import { SettingRow } from './SettingRow';
import { useSetting } from './use-setting';

/** When the speed limit counts: all day, or between two times. */
export function LimitHours() {
  const setting = useSetting('downloadLimitHours');
  const isLimited = useSetting('downloadLimitMegabytes').value > 0;
  const saved = hoursOf(setting.value);
  const { from, to } = saved ?? FIRST_HOURS;
  // A time that was saved must not take away what is being typed into the other field.
  const [typedFrom, setTypedFrom] = useState(from);
  const [typedTo, setTypedTo] = useState(to);
  useEffect(() => setTypedFrom(from), [from]);
  useEffect(() => setTypedTo(to), [to]);
  const times = { from: timeOf(typedFrom), to: timeOf(typedTo) };
  const problem = times.from && times.to ? undefined : 'Enter two times, such as 08:00 and 18:00.';
  const save = (): void => {
    const next = `${times.from}-${times.to}`;
    if (!times.from || !times.to) return;
    if (next === setting.value) setting.end();
    else setting.set(next);
  };
  const field = (key: keyof Hours, value: string, onChange: (text: string) => void) => (
    <Field
      aria-label={`Limit ${key}`}
      value={value}
      onChange={(text) => {
        onChange(text);
        setting.begin();
        setting.dismiss();
      }}
      onBlur={save}
      onKeyDown={(event) => {
        if (event.key === 'Enter') save();
      }}
      // The row is invalid as a whole; the ring is for the field that is.
      aria-invalid={timeOf(value) ? undefined : true}
      disabled={!isLimited}
      width="w-16"
    />
  );
  return (
    <SettingRow
      setting={setting}
      hint={isLimited ? hoursSentence(saved) : 'Set a speed limit first'}
      problem={saved && problem}
    >
      {saved && (
        <span className="flex items-center gap-2 text-text-2">
          {field('from', typedFrom, setTypedFrom)} to {field('to', typedTo, setTypedTo)}
        </span>
      )}
      <Switch
        writes
        aria-label="Limit only at certain hours"
        checked={saved !== undefined}
        disabled={!isLimited}
        onChange={(on) => setting.set(on ? `${FIRST_HOURS.from}-${FIRST_HOURS.to}` : '')}
      />
    </SettingRow>
  );
}
