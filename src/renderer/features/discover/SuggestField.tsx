import { useId, useState } from 'react';

import { Field } from '@renderer/components/Field';

interface SuggestFieldProps {
  readonly label: string;
  readonly value: string;
  /** On Enter, when the field is left, and when a suggestion is chosen: half a name finds nothing. */
  readonly onChange: (value: string) => void;
  readonly suggestions: readonly string[];
}

/** A short text with suggestions; what is no letter, digit, dot or dash cannot be part of these names. */
export function SuggestField({ label, value, onChange, suggestions }: SuggestFieldProps) {
  const id = useId();
  const [typed, setTyped] = useState<string>();
  const known = [...new Set(suggestions)].toSorted((a, b) => a.localeCompare(b));
  const commit = (text: string): void => {
    setTyped(undefined);
    const plain = text.replace(/[^\w.-]/g, '').slice(0, 100);
    if (plain !== value) onChange(plain);
  };
  return (
    <>
      <Field
        aria-label={label}
        placeholder={label}
        list={id}
        width="w-28"
        value={typed ?? value}
        onChange={(text) => (known.includes(text) || text === '' ? commit(text) : setTyped(text))}
        onBlur={() => typed !== undefined && commit(typed)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && typed !== undefined) commit(typed);
          if (event.key === 'Escape') setTyped(undefined);
        }}
      />
      <datalist id={id}>
        {known.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </>
  );
}
