import { RotateCcw } from 'lucide-react';

import { IconButton } from '@renderer/components/Button';
import { Field, NumberField } from '@renderer/components/Field';
import { FormRow } from '@renderer/components/Form';
import { Select } from '@renderer/components/Select';
import { Switch } from '@renderer/components/Switch';
import { LOCAL_ONLY_HINT } from '@renderer/text/local-only';
import type { EngineOption } from '@shared/domain/engine';
import type { OptionValue } from '@shared/domain/profile';

interface OptionControlProps {
  readonly option: EngineOption;
  readonly value: OptionValue | undefined;
  readonly disabled: boolean;
  /** Undefined: back to the engine's default. */
  readonly onChange: (value: OptionValue | undefined) => void;
}

function OptionControl({ option, value, disabled, onChange }: OptionControlProps) {
  const byDefault = option.default === undefined ? 'Not set' : String(option.default);
  switch (option.type) {
    case 'flag':
      return (
        <Switch
          checked={value === undefined ? option.default === true : value === true}
          disabled={disabled}
          onChange={(on) => onChange(on === (option.default === true) ? undefined : on)}
        />
      );
    case 'integer':
    case 'number':
      return (
        <NumberField
          value={typeof value === 'number' ? value : undefined}
          placeholder={byDefault}
          disabled={disabled}
          unit={option.unit}
          onChange={(number, text) => onChange(number ?? (text.trim() === '' ? undefined : text))}
        />
      );
    case 'choice':
      return (
        <Select
          value={value === undefined ? '' : String(value)}
          disabled={disabled}
          options={[
            {
              value: '',
              label: option.default === undefined ? 'Not set' : `Default: ${byDefault}`,
            },
            ...(option.choices ?? []).map((choice) => ({ value: choice, label: choice })),
          ]}
          onChange={(choice) => onChange(choice === '' ? undefined : choice)}
        />
      );
    default:
      return (
        <Field
          mono
          width="w-48"
          value={value === undefined ? '' : String(value)}
          placeholder={byDefault}
          disabled={disabled}
          onChange={(text) => onChange(text === '' ? undefined : text)}
        />
      );
  }
}

/** A sentence from `--help`: with a capital and a full stop. */
function sentence(help: string): string {
  const text = help.trim();
  if (text === '') return '';
  const begun = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?)]$/.test(begun) ? begun : `${begun}.`;
}

/** The default as a sentence, unless the control or the sentence of `--help` says it already. */
function defaultText(option: EngineOption): string {
  if (option.type === 'flag' || option.type === 'choice') return '';
  if (/default/i.test(option.help)) return '';
  return option.default === undefined ? '' : `Default ${String(option.default)}.`;
}

interface OptionRowProps extends Omit<OptionControlProps, 'disabled'> {
  readonly problem: string | undefined;
  readonly local: boolean;
}

/** One option of the installed engine, with its default and its sentence. */
export function OptionRow({ option, value, problem, local, onChange }: OptionRowProps) {
  const disabled = option.localOnly && !local;
  const hint = [sentence(option.help), defaultText(option), disabled ? LOCAL_ONLY_HINT : '']
    .filter(Boolean)
    .join(' ');
  return (
    <FormRow
      label={option.label}
      hint={hint}
      problem={problem}
      field={`options.${option.key}`}
      fix={
        value !== undefined && !disabled ? (
          <IconButton
            size="small"
            label="Use the default"
            aria-description={option.label}
            onClick={() => onChange(undefined)}
          >
            <RotateCcw size={13} strokeWidth={1.5} />
          </IconButton>
        ) : undefined
      }
    >
      <OptionControl option={option} value={value} disabled={disabled} onChange={onChange} />
    </FormRow>
  );
}
