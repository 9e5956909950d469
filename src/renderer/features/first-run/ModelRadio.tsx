import type { ReactNode } from 'react';

import { classNames } from '@renderer/components/class-names';

interface ModelRadioProps {
  /** Those of one group exclude each other. */
  readonly group?: string;
  readonly name: ReactNode;
  readonly about: ReactNode;
  readonly right: ReactNode;
  readonly chosen: boolean;
  readonly disabled?: boolean;
  readonly onChoose: () => void;
}

/** One model to choose: its name, what it is good for, and its size. */
export function ModelRadio({
  group = 'model',
  name,
  about,
  right,
  chosen,
  disabled,
  onChoose,
}: ModelRadioProps) {
  return (
    <label
      className={classNames(
        '-mx-3 flex min-h-[54px] items-center gap-3 rounded-row px-3 py-2',
        chosen && 'bg-accent-tint',
        disabled && 'text-text-3',
      )}
    >
      <input
        type="radio"
        name={group}
        checked={chosen}
        disabled={disabled}
        onChange={onChoose}
        className="size-[15px] shrink-0 accent-accent-fill"
      />
      <span className="min-w-0 flex-1">
        <span className="flex min-w-0 items-center gap-2 font-semibold">{name}</span>
        <span className="block text-small text-text-2">{about}</span>
      </span>
      <span className="shrink-0 text-right">{right}</span>
    </label>
  );
}
