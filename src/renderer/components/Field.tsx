import { type ComponentProps, type ReactNode, useState } from 'react';

import { classNames } from './class-names';
import { useControlProps } from './Form';

const BOX =
  'flex h-6 items-center rounded-field border bg-field px-2 focus-within:field-focus has-aria-invalid:border-broken-glyph has-aria-invalid:not-focus-within:ring-[0.5px] has-aria-invalid:not-focus-within:ring-broken-glyph has-disabled:border-transparent has-disabled:bg-fill-1 has-disabled:text-disabled';
const INPUT =
  'selectable min-w-0 flex-1 bg-transparent text-base outline-none focus-visible:outline-none';

interface FieldProps extends Omit<ComponentProps<'input'>, 'onChange' | 'value' | 'size'> {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly unit?: ReactNode;
  readonly mono?: boolean;
  /** Width of the box, a class such as `w-64`. */
  readonly width?: string;
}

/** A line of text. Inside a FormRow its label, hint and problem are bound to it. */
export function Field({
  value,
  onChange,
  unit,
  mono = false,
  width = 'w-64',
  className,
  'aria-label': label,
  ...rest
}: FieldProps) {
  const control = useControlProps(label);
  return (
    <span className={classNames(BOX, 'border-border max-w-full', width, className)}>
      <input
        type="text"
        autoComplete="off"
        autoCapitalize="off"
        autoCorrect="off"
        spellCheck={false}
        {...control}
        {...rest}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        className={classNames(INPUT, mono && 'font-mono text-small')}
      />
      {unit && <span className="ml-2 shrink-0 text-small text-text-3">{unit}</span>}
    </span>
  );
}

interface NumberFieldProps {
  readonly value: number | undefined;
  /** `value` is undefined when the field is empty or its text is no number: then see `text`. */
  readonly onChange: (value: number | undefined, text: string) => void;
  /** Called on Enter and when the field is left, for settings that are saved at once. */
  readonly onCommit?: () => void;
  readonly unit?: ReactNode;
  readonly placeholder?: string;
  readonly width?: string;
  readonly disabled?: boolean;
  readonly grouped?: boolean;
  readonly 'aria-label'?: string;
}

/** `"65,536"` as a number; undefined when it is none. */
function parseNumber(text: string): number | undefined {
  const plain = text.trim().replaceAll(',', '').replaceAll('\u202f', '');
  if (plain === '') return undefined;
  const value = Number(plain);
  return Number.isFinite(value) ? value : undefined;
}

/** A number with its unit inside. What is typed stays as typed until the field is left. */
export function NumberField({
  value,
  onChange,
  onCommit,
  unit,
  placeholder,
  width = 'w-30',
  disabled = false,
  grouped = false,
  'aria-label': label,
}: NumberFieldProps) {
  const [typed, setTyped] = useState<string>();
  const format = (number: number) =>
    grouped ? number.toLocaleString('en-US', { maximumFractionDigits: 12 }) : String(number);
  const shown = typed !== undefined && parseNumber(typed) === value ? typed : undefined;
  return (
    <Field
      inputMode="decimal"
      value={shown ?? (value === undefined ? '' : format(value))}
      onChange={(text) => {
        setTyped(text);
        onChange(parseNumber(text), text);
      }}
      onBlur={() => {
        if (value !== undefined) setTyped(undefined);
        onCommit?.();
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter') onCommit?.();
      }}
      unit={unit}
      width={width}
      disabled={disabled}
      {...(placeholder === undefined ? {} : { placeholder })}
      {...(label === undefined ? {} : { 'aria-label': label })}
    />
  );
}

interface TextAreaProps extends Omit<ComponentProps<'textarea'>, 'onChange' | 'value'> {
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** Several lines of mono text: environment, extra arguments. */
export function TextArea({ value, onChange, 'aria-label': label, ...rest }: TextAreaProps) {
  const control = useControlProps(label);
  return (
    <textarea
      rows={3}
      spellCheck={false}
      {...control}
      {...rest}
      value={value}
      onChange={(event) => onChange(event.target.value)}
      className="selectable w-full resize-y rounded-field border border-border bg-field px-2 py-1 font-mono text-small focus:field-focus disabled:border-transparent disabled:bg-fill-1 disabled:text-disabled aria-invalid:border-broken-glyph"
    />
  );
}
