import { useEffect, useState } from 'react';

import { Disclosure } from '@renderer/components/Disclosure';
import { FormGroup } from '@renderer/components/Form';
import { SearchField } from '@renderer/components/SearchField';
import type { EngineOption } from '@shared/domain/engine';
import type { OptionValue } from '@shared/domain/profile';
import { formatCount } from '@shared/format/counts';
import type { ProfileDraft } from './draft';
import { OptionRow } from './OptionRow';
import { OWN_CODE, OwnCodeRow } from './OwnCodeRow';
import { type FieldMessage, messageOf } from './use-check';

export interface EngineOptionsProps {
  readonly options: readonly EngineOption[];
  readonly draft: ProfileDraft;
  readonly problems: readonly FieldMessage[];
  readonly local: boolean;
  /** A field to show, named by an address. */
  readonly field: string | undefined;
  readonly onOption: (key: string, value: OptionValue | undefined) => void;
}

function Rows({ options, draft, problems, local, onOption }: Omit<EngineOptionsProps, 'field'>) {
  return options.map((option) => {
    const row = {
      option,
      value: draft.options[option.key],
      problem: messageOf(problems, `options.${option.key}`),
      local,
      onChange: (value: OptionValue | undefined) => onOption(option.key, value),
    };
    return option.key === OWN_CODE ? (
      <OwnCodeRow key={option.key} {...row} model={draft.model} />
    ) : (
      <OptionRow key={option.key} {...row} />
    );
  });
}

/** The options most people set. */
export function CommonOptions({ field: _, ...props }: EngineOptionsProps) {
  const options = props.options.filter((one) => one.group === 'common' && !one.reserved);
  if (options.length === 0) return null;
  return (
    <FormGroup title="Generation and memory">
      <Rows {...props} options={options} />
    </FormGroup>
  );
}

function summaryOf(options: readonly EngineOption[], draft: ProfileDraft): string {
  const set = options.filter((one) => draft.options[one.key] !== undefined).length;
  const count = formatCount(options.length, 'option');
  return set === 0 ? `${count}, all default` : `${count}, ${set} set`;
}

/** All the others, behind a disclosure, to be searched. */
export function AdvancedOptions({ field, ...props }: EngineOptionsProps) {
  const { draft, problems } = props;
  const options = props.options.filter((one) => one.group === 'advanced' && !one.reserved);
  const [open, setOpen] = useState(false);
  const [search, setSearch] = useState('');
  const named = [field, ...problems.map((one) => one.field)];
  const needed = options.some((one) => named.includes(`options.${one.key}`));
  useEffect(() => {
    if (needed) setOpen(true);
  }, [needed]);
  if (options.length === 0) return null;
  const needle = search.trim().toLowerCase();
  const shown = options.filter((one) =>
    `${one.label}\n${one.key}\n${one.help}`.toLowerCase().includes(needle),
  );
  return (
    <Disclosure
      title="Advanced"
      summary={summaryOf(options, draft)}
      open={open}
      onOpenChange={setOpen}
    >
      <div className="pb-2">
        <SearchField label="Search options" width="w-full" value={search} onChange={setSearch} />
      </div>
      <div className="[&>*+*]:border-t [&>*+*]:border-sep">
        <Rows {...props} options={shown} />
      </div>
      {shown.length === 0 && (
        <p className="py-2 text-text-2">No option contains “{search.trim()}”.</p>
      )}
    </Disclosure>
  );
}
