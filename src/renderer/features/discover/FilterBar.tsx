import { Segmented } from '@renderer/components/Segmented';
import { Select } from '@renderer/components/Select';
import type { HubModel, HubSort } from '@shared/domain/hub';
import { HUB_SORT_LABELS } from '@shared/domain/hub-labels';
import { BITS, type Filters, SIZES } from './filters';
import { SuggestField } from './SuggestField';

const SORTS: readonly HubSort[] = ['trending', 'downloads', 'likes', 'recent'];

/** Controls that wrap to the next line only together. */
const GROUP = 'flex items-center gap-2.5';

interface FilterBarProps {
  readonly filters: Filters;
  readonly onChange: (filters: Filters) => void;
  readonly sort: HubSort;
  readonly onSort: (sort: HubSort) => void;
  /** What is shown: authors and architectures to choose from. */
  readonly models: readonly HubModel[];
}

/** Which models are shown, and in which order. */
export function FilterBar({ filters, onChange, sort, onSort, models }: FilterBarProps) {
  const change = (changes: Partial<Filters>): void => onChange({ ...filters, ...changes });
  return (
    <div className="flex flex-wrap items-center gap-x-2.5 gap-y-2 px-5 pt-1 pb-2">
      <div className={GROUP}>
        <Segmented
          small
          aria-label="Which models"
          value={filters.kind}
          onChange={(kind) => change({ kind })}
          options={[
            { value: 'all', label: 'All' },
            { value: 'text', label: 'Text' },
            { value: 'vision', label: 'Vision' },
            { value: 'embedding', label: 'Embedding' },
          ]}
        />
        <label className="flex items-center gap-1.5">
          <input
            type="checkbox"
            checked={filters.fits}
            onChange={(event) => change({ fits: event.target.checked })}
            className="accent-accent"
          />
          Fits this machine
        </label>
        <Select
          aria-label="Size"
          value={String(filters.underGb ?? '')}
          onChange={(value) => change({ underGb: value === '' ? undefined : Number(value) })}
          options={[
            { value: '', label: 'Any size' },
            ...SIZES.map((size) => ({ value: String(size), label: `Under ${size} GB` })),
          ]}
        />
        <Select
          aria-label="Bits"
          value={String(filters.bits ?? '')}
          onChange={(value) => change({ bits: value === '' ? undefined : Number(value) })}
          options={[
            { value: '', label: 'Any bits' },
            ...BITS.map((bits) => ({ value: String(bits), label: `${bits}-bit` })),
          ]}
        />
      </div>
      <div className={`${GROUP} flex-1`}>
        <SuggestField
          label="Author"
          value={filters.author}
          onChange={(author) => change({ author })}
          suggestions={models.map(({ author }) => author)}
        />
        <SuggestField
          label="Architecture"
          value={filters.architecture}
          onChange={(architecture) => change({ architecture })}
          suggestions={models.flatMap(({ architecture }) => architecture ?? [])}
        />
        <span className="ml-auto flex items-center gap-2 text-small text-text-2">
          Sort
          <Select
            aria-label="Sort"
            value={sort}
            onChange={onSort}
            options={SORTS.map((value) => ({ value, label: HUB_SORT_LABELS[value] }))}
          />
        </span>
      </div>
    </div>
  );
}
