interface CheckboxProps {
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
  /** Of its label's `htmlFor`. */
  readonly id: string;
  readonly disabled?: boolean;
}

/** One of several things that may be chosen together. */
export function Checkbox({ id, checked, onChange, disabled }: CheckboxProps) {
  return (
    <input
      type="checkbox"
      id={id}
      disabled={disabled}
      checked={checked}
      onChange={(event) => onChange(event.target.checked)}
      className="size-3.5 shrink-0 accent-accent-fill"
    />
  );
}
