import { ListFilter } from 'lucide-react';

import { IconButton } from '@renderer/components/Button';
import { Menu, type MenuItem } from '@renderer/components/Menu';
import { Segmented } from '@renderer/components/Segmented';
import { Select } from '@renderer/components/Select';
import { filterName, type LogFilter, showsAll } from './log-filter';

const LEVELS = [
  { value: 'all', label: 'All' },
  { value: 'warning', label: 'Warnings' },
  { value: 'error', label: 'Errors' },
] as const;
const SOURCES = [
  { value: 'all', label: 'All sources' },
  { value: 'engine', label: 'Engine' },
  { value: 'manager', label: 'Manager' },
] as const;

interface LogFiltersProps {
  readonly filter: LogFilter;
  readonly onChange: (filter: LogFilter) => void;
}

function FilterMenu({ filter, onChange }: LogFiltersProps) {
  const item = (label: string, changes: Partial<LogFilter>, checked: boolean): MenuItem => ({
    label,
    checked,
    onSelect: () => onChange({ ...filter, ...changes }),
  });
  const active = !showsAll(filter);
  return (
    <Menu
      trigger={
        <IconButton
          label={active ? `Filter: every ${filterName(filter)}` : 'Filter'}
          className={active ? 'bg-fill-2 !text-accent-text' : undefined}
        >
          <ListFilter size={16} strokeWidth={1.5} />
        </IconButton>
      }
      items={[
        ...LEVELS.map(({ value, label }) =>
          item(value === 'all' ? 'All levels' : label, { level: value }, filter.level === value),
        ),
        'separator',
        ...SOURCES.map(({ value, label }) =>
          item(label, { source: value }, filter.source === value),
        ),
      ]}
    />
  );
}

/** Which lines are shown, by level and by who wrote them; a menu where there is no room for both. */
export function LogFilters({ filter, onChange }: LogFiltersProps) {
  return (
    <>
      <span className="ml-1.5 hidden shrink-0 items-center gap-2 @[720px]:flex">
        <Segmented
          aria-label="Level"
          value={filter.level}
          options={LEVELS}
          onChange={(level) => onChange({ ...filter, level })}
        />
        <Select
          aria-label="Source"
          value={filter.source}
          options={SOURCES}
          onChange={(source) => onChange({ ...filter, source })}
        />
      </span>
      <span className="flex @[720px]:hidden">
        <FilterMenu filter={filter} onChange={onChange} />
      </span>
    </>
  );
}
