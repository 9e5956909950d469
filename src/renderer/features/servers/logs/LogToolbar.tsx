import { ChevronDown, ChevronUp, Copy, Download, Ellipsis, WrapText } from 'lucide-react';
import type { ReactNode } from 'react';

import { IconButton } from '@renderer/components/Button';
import { Menu } from '@renderer/components/Menu';
import { SearchField } from '@renderer/components/SearchField';
import { type LogFilter, showsAll } from './log-filter';
import { LogFilters } from './LogFilters';
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

/** What can be done with the lines; a menu where there is no room. */
function LogCommands({ filter, wrap, onWrap, onCopy, onSave }: LogToolbarProps) {
  const copy = `Copy newest 5,000 lines${showsAll(filter) ? '' : ' shown'}`;
  return (
    <>
      <span className="hidden items-center gap-1.5 @[720px]:flex">
        <IconButton label="Wrap long lines" pressed={wrap} onClick={onWrap}>
          <WrapText size={16} strokeWidth={1.5} />
        </IconButton>
        <IconButton label={copy} onClick={onCopy}>
          <Copy size={16} strokeWidth={1.5} />
        </IconButton>
        <IconButton label="Save full run…" onClick={onSave}>
          <Download size={16} strokeWidth={1.5} />
        </IconButton>
      </span>
      <span className="flex @[720px]:hidden">
        <Menu
          trigger={
            <IconButton label="More for this run">
              <Ellipsis size={16} strokeWidth={1.5} />
            </IconButton>
          }
          items={[
            { label: 'Wrap long lines', checked: wrap, onSelect: onWrap },
            'separator',
            { label: copy, onSelect: onCopy },
            { label: 'Save full run…', onSelect: onSave },
          ]}
        />
      </span>
    </>
  );
}

/** Search, filters, and what can be done with the lines. */
export function LogToolbar(props: LogToolbarProps) {
  const { search, filter, onFilter, leading } = props;
  const none = search.line === undefined && 'No matches';
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
        <LogCommands {...props} />
      </div>
    </div>
  );
}
