import { RadioGroup } from 'radix-ui';
import type { ReactNode } from 'react';

import { classNames } from './class-names';
import { useRowControl } from './Form';
import { useReason } from './refusal';

export interface Segment<V extends string> {
  readonly value: V;
  readonly label: ReactNode;
  /** Why it cannot be chosen. */
  readonly reason?: string | undefined;
}

interface SegmentedProps<V extends string> {
  readonly value: V;
  readonly options: readonly Segment<V>[];
  readonly onChange: (value: V) => void;
  readonly small?: boolean;
  /** It changes something in the manager, so it is off while that cannot be done. */
  readonly writes?: boolean;
  readonly 'aria-label'?: string;
}

const PILL =
  'inline-flex h-full items-center rounded-field px-2.5 text-text-2 transition-colors duration-[80ms] whitespace-nowrap disabled:text-disabled data-[state=checked]:bg-pill data-[state=checked]:font-medium data-[state=checked]:text-text-1 data-[state=checked]:shadow-button';

/** One choice of a few, all in sight; arrow keys move the choice. */
export function Segmented<V extends string>({
  value,
  options,
  onChange,
  small = true,
  writes = false,
  'aria-label': label,
}: SegmentedProps<V>) {
  const row = useRowControl();
  const refusal = useReason(writes) || undefined;
  return (
    <RadioGroup.Root
      value={value}
      orientation="horizontal"
      onValueChange={(next) => {
        const chosen = options.find((option) => option.value === next);
        if (chosen) onChange(chosen.value);
      }}
      {...(label ? { 'aria-label': label } : row ? { 'aria-labelledby': row.labelId } : {})}
      aria-describedby={row?.describedBy}
      className={classNames(
        'inline-flex items-center gap-px rounded-segment bg-fill-1 p-0.5',
        small ? 'h-6 text-small' : 'h-7 text-base',
      )}
    >
      {options.map((option) => (
        <RadioGroup.Item
          key={option.value}
          value={option.value}
          disabled={(refusal ?? option.reason) !== undefined}
          title={refusal ?? option.reason}
          className={PILL}
        >
          {option.label}
        </RadioGroup.Item>
      ))}
    </RadioGroup.Root>
  );
}
