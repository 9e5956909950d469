import { ChevronsUpDown } from 'lucide-react';

import { classNames } from './class-names';
import { useControlProps } from './Form';

export interface SelectOption<V extends string> {
  readonly value: V;
  readonly label: string;
  /** Why it cannot be chosen: it is shown, disabled, with the reason behind its name. */
  readonly reason?: string | undefined;
  /** Options of one group stand together under its name. */
  readonly group?: string | undefined;
}

interface SelectProps<V extends string> {
  readonly value: V;
  readonly options: readonly SelectOption<V>[];
  readonly onChange: (value: V) => void;
  readonly disabled?: boolean;
  readonly width?: string;
  readonly 'aria-label'?: string;
}

function optionElement<V extends string>(option: SelectOption<V>) {
  return (
    <option
      key={option.value}
      value={option.value}
      disabled={option.reason !== undefined}
      className="bg-bg-pop text-text-1"
    >
      {option.reason ? `${option.label} (${option.reason})` : option.label}
    </option>
  );
}

/**
 * A pop-up button. It is the platform's own select: it looks and behaves at home on macOS, and needs
 * no style sheet injected at run time, which the page's content policy forbids.
 */
export function Select<V extends string>({
  value,
  options,
  onChange,
  disabled = false,
  width = 'max-w-80',
  'aria-label': label,
}: SelectProps<V>) {
  const control = useControlProps(label);
  const groups = [...new Set(options.map((option) => option.group))];
  return (
    <span className={classNames('relative inline-flex min-w-0', width)}>
      <select
        {...control}
        value={value}
        disabled={disabled}
        onChange={(event) => {
          const chosen = options.find((option) => option.value === event.target.value);
          if (chosen) onChange(chosen.value);
        }}
        className="h-6 w-full min-w-0 appearance-none truncate rounded-field bg-button pr-6 pl-2 text-base text-text-1 shadow-button disabled:bg-fill-1 disabled:text-disabled disabled:shadow-none aria-invalid:outline-[1.5px] aria-invalid:outline-broken-glyph"
      >
        {groups.map((group) => {
          const members = options.filter((option) => option.group === group).map(optionElement);
          return group === undefined ? (
            members
          ) : (
            <optgroup key={group} label={group} className="bg-bg-pop">
              {members}
            </optgroup>
          );
        })}
      </select>
      <ChevronsUpDown
        aria-hidden="true"
        size={12}
        strokeWidth={1.5}
        className="pointer-events-none absolute top-1.5 right-1.5 text-text-2"
      />
    </span>
  );
}
