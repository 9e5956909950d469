import { useRef, useState } from 'react';

import { Button } from '@renderer/components/Button';
import { ErrorBlock } from '@renderer/components/ErrorBlock';
import { Inspector, useInspector } from '@renderer/components/Inspector';
import { InspectorToggle } from '@renderer/components/InspectorToggle';
import { PaletteButton } from '@renderer/components/PaletteButton';
import { Pane } from '@renderer/components/Pane';
import { SearchField } from '@renderer/components/SearchField';
import { useDebouncedValue } from '@renderer/components/use-debounced-value';
import { DownloadsButton } from '@renderer/domain/downloads/DownloadsButton';
import { actionOf, outageOf } from '@renderer/domain/hub/hub-problem';
import { useAccount } from '@renderer/domain/hub/HubAccount';
import { HubFix } from '@renderer/domain/hub/HubFix';
import { HubPageLink } from '@renderer/domain/hub/HubPageLink';
import { useLive } from '@renderer/live/use-live';
import type { HubSort } from '@shared/domain/hub';
import { formatCount } from '@shared/format/counts';
import { DiscoverTable } from './DiscoverTable';
import { EmptyResult } from './EmptyResult';
import { FilterBar } from './FilterBar';
import { type Filters, searchCriteria, NO_FILTERS, withoutFilter } from './filters';
import { HubDetail } from './HubDetail';
import { LocalModels, Offline } from './Offline';
import { useFacts, useIsOnDisk, useSearch } from './use-discover';

/** The hub is asked once typing has paused for this long, ms. */
const TYPING_MS = 250;

/** Hugging Face models: searched as the person types, judged for this machine, fetched from the row. */
export function DiscoverScreen() {
  const [query, setQuery] = useState('');
  const [filters, setFilters] = useState<Filters>(NO_FILTERS);
  const [sort, setSort] = useState<HubSort>('trending');
  const [chosen, setChosen] = useState<string>();
  const table = useRef<HTMLDivElement>(null);
  const inspector = useInspector();
  const settled = useDebouncedValue(query.trim(), TYPING_MS);
  const search = useSearch(searchCriteria(settled, sort, filters));
  const downloads = useLive((data) => data.downloads);
  const pages = search.data?.pages ?? [];
  const models = pages.flatMap((page) => page.models);
  const rows = useFacts(pages);
  const isOnDisk = useIsOnDisk(downloads);
  const endpoint = useAccount().data?.endpoint;
  const selected = models.find((model) => model.ref === chosen) ?? models[0];
  const pageLink = endpoint && selected && `${endpoint}/${selected.ref}`;
  const open = selected !== undefined && inspector.open;
  const outage = outageOf(search.problem);
  const { isFetchingNextPage, hasNextPage } = search;
  const lookOn = hasNextPage ? () => void search.fetchNextPage() : undefined;
  const last = pages.at(-1);
  const isEmpty = last !== undefined && models.length === 0 && !search.isFetching;
  /** Closed from within: what had the focus goes with it, and the table is where the person was. */
  const leave = (): void => {
    inspector.setOpen(false);
    table.current?.focus();
  };
  const clear = (): void => {
    setQuery('');
    setFilters(NO_FILTERS);
  };
  const toolbar = (
    <>
      <PaletteButton />
      <InspectorToggle
        open={open}
        onChange={(next) => (next ? inspector.setOpen(true) : leave())}
        reason={selected ? undefined : 'Select a model first'}
      />
    </>
  );
  return (
    <div className="relative flex min-w-0 flex-1">
      <Pane
        label="Discover"
        className="flex-1"
        toolbar={{
          title: 'Discover',
          subtitle: foundText(models.length, !hasNextPage, search.isFetching, search.problem),
          children: (
            <>
              <DownloadsButton />
              <SearchField
                value={query}
                onChange={setQuery}
                label="Search models"
                viewSearch
                collapses
              />
              {!(open && inspector.place === 'column') && toolbar}
            </>
          ),
        }}
      >
        <FilterBar
          filters={filters}
          onChange={setFilters}
          sort={sort}
          onSort={setSort}
          models={models}
        />
        {outage && (
          <Offline outage={outage} busy={search.isFetching} onRetry={() => void search.refetch()} />
        )}
        {search.problem && !outage && (
          <ErrorBlock
            className="mx-5 mb-3"
            tone="off"
            sentence={search.problem.message}
            actions={
              <HubFix
                action={actionOf(search.problem)}
                onRetry={() => void search.refetch()}
                busy={search.isFetching}
              />
            }
          />
        )}
        {rows.problem && !search.problem && (
          <p role="alert" className="flex items-center gap-3 px-5 pb-2 text-small text-text-2">
            <span>Couldn't check whether some models fit: {rows.problem.message}</span>
            <Button size="small" onClick={rows.refetch}>
              Check again
            </Button>
          </p>
        )}
        {models.length > 0 && (
          <DiscoverTable
            ref={table}
            models={models}
            facts={rows.facts}
            downloads={downloads}
            isOnDisk={isOnDisk}
            selected={selected?.ref}
            onSelect={setChosen}
            onOpen={(ref) => {
              setChosen(ref);
              inspector.setOpen(true);
            }}
            onClose={() => open && inspector.place === 'overlay' && inspector.setOpen(false)}
          />
        )}
        {outage && models.length === 0 && <LocalModels />}
        {isEmpty && !search.problem && (
          <EmptyResult
            query={settled}
            sort={sort}
            filters={filters}
            page={last}
            onRemove={(filter) => setFilters(withoutFilter(filters, filter))}
            onClear={clear}
            onLookOn={lookOn}
            busy={isFetchingNextPage}
          />
        )}
        {lookOn && models.length > 0 && (
          <div className="flex flex-col items-center gap-1.5 p-4">
            <Button busy={isFetchingNextPage} onClick={lookOn}>
              Show more
            </Button>
            {last && last.looked > last.models.length && (
              <p className="text-caption text-text-3">
                Searched {formatCount(lookedThrough(pages), 'model')}
              </p>
            )}
          </div>
        )}
      </Pane>
      {open && (
        <Inspector
          label={`Model ${selected.name}`}
          place={inspector.place}
          onClose={leave}
          toolbar={
            <>
              <HubPageLink hubRef={selected.ref} name={selected.name} />
              {toolbar}
            </>
          }
        >
          <HubDetail
            key={selected.ref}
            model={selected}
            isOnDisk={isOnDisk(selected)}
            download={downloads.find(({ ref }) => ref === selected.ref)}
            pageLink={inspector.place === 'overlay' ? pageLink : undefined}
          />
        </Inspector>
      )}
    </div>
  );
}

function lookedThrough(pages: readonly { readonly looked: number }[]): number {
  return pages.reduce((sum, { looked }) => sum + looked, 0);
}

/** The hub does not tell how many there are: at the end of the list it is known. */
function foundText(
  count: number,
  isAll: boolean,
  isLooking: boolean,
  problem: Error | undefined,
): string {
  if (problem && count === 0) return 'Search failed';
  if (isLooking && count === 0) return 'Searching…';
  return `${formatCount(count, 'model')} ${isAll ? 'found' : 'shown'}`;
}
