import { ChevronDown, ChevronUp, Copy, Download, WrapText } from 'lucide-react';
import type { ReactNode } from 'react';
import { IconButton } from '../../components/Button';
import { SearchField } from '../../components/SearchField';
import { LogFilters } from './LogFilters';
import { type LogFilter, showsAll } from './log-filter';
import type { LogSearch } from './use-log-search';

interface LogToolbarProps {
  readonly search: LogSearch;
  readonly filter: LogFilter;
  readonly onFilter: (filter: LogFilter) => void;
  readonly wrap: boolean;
  readonly onWrap: () => void;
  readonly onCopy: () => void;
  readonly onSave: () => void;
  readonly leading?: ReactNode;
}

/** Search, filters, and what can be done with the lines. */
export function LogToolbar(props: LogToolbarProps) {
  const { search, filter, onFilter, wrap, onWrap, onCopy, onSave, leading } = props;
  const none = search.line === undefined && 'No match to go to';
  const shown = showsAll(filter) ? '' : ' shown';
  return (
    <div className="@container shrink-0">
      <div className="flex h-11 items-center gap-1.5 px-3">
        {leading}
        <SearchField
          label="Search this run"
          width="w-[270px] min-w-0"
          value={search.text}
          onChange={search.setText}
          right={
            <span role="status" className="shrink-0 text-caption text-text-2">
              {search.position}
            </span>
          }
          onKeyDown={(event) => {
            if (event.key === 'Enter' && search.line !== undefined)
              search.step(event.shiftKey ? 1 : -1);
          }}
        />
        <IconButton label="Previous match" reason={none} onClick={() => search.step(-1)}>
          <ChevronUp size={16} strokeWidth={1.5} />
        </IconButton>
        <IconButton label="Next match" reason={none} onClick={() => search.step(1)}>
          <ChevronDown size={16} strokeWidth={1.5} />
        </IconButton>
        <LogFilters filter={filter} onChange={onFilter} />
        <span className="flex-1" />
        <IconButton label="Wrap long lines" pressed={wrap} onClick={onWrap}>
          <WrapText size={16} strokeWidth={1.5} />
        </IconButton>
        <IconButton label={`Copy the newest 5,000 lines${shown}`} onClick={onCopy}>
          <Copy size={16} strokeWidth={1.5} />
        </IconButton>
        <IconButton label="Save the whole run…" onClick={onSave}>
          <Download size={16} strokeWidth={1.5} />
        </IconButton>
      </div>
    </div>
  );
}
