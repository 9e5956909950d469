import { HUB_SORT_WORDS } from '@shared/domain/hub-words';
import { Compass } from 'lucide-react';
import { useState } from 'react';

import { Button } from '../../components/Button';
import { EmptyState } from '../../components/EmptyState';
import { ErrorBlock, errorSentence } from '../../components/ErrorBlock';
import { Pane } from '../../components/Pane';
import { SearchField } from '../../components/SearchField';
import { Segmented } from '../../components/Segmented';
import { Select } from '../../components/Select';
import { useLive } from '../../live/use-live';
import { PaletteButton } from '../frame/PaletteButton';
import { DiscoverTable } from './DiscoverTable';
import { type Looking, useFacts, useSearch, useSettled } from './use-discover';

type Kind = 'all' | 'text' | 'vision' | 'embedding';
type Sort = keyof typeof HUB_SORT_WORDS;
const SORTS: readonly Sort[] = ['trending', 'downloads', 'likes', 'recent'];

/** Models of the hub: searched as the person types, judged for this machine, fetched from the row. */
export function DiscoverScreen() {
  const [query, setQuery] = useState('');
  const [kind, setKind] = useState<Kind>('all');
  const [sort, setSort] = useState<Sort>('trending');
  const [fits, setFits] = useState(false);
  const settled = useSettled(query.trim());
  const looking: Looking = { query: settled, sort, fits, ...(kind === 'all' ? {} : { kind }) };
  const search = useSearch(looking);
  const downloads = useLive((data) => data.downloads);
  const pages = search.data?.pages ?? [];
  const models = pages.flatMap((page) => page.models);
  const facts = useFacts(pages);
  const clear = (): void => {
    setQuery('');
    setKind('all');
    setFits(false);
  };
  return (
    <Pane
      label="Discover"
      className="flex-1"
      toolbar={{
        title: 'Discover',
        subtitle: search.isFetching ? 'Looking' : `${models.length} shown`,
        children: (
          <>
            <SearchField
              value={query}
              onChange={setQuery}
              label="Search models"
              viewSearch
              collapses
            />
            <PaletteButton />
          </>
        ),
      }}
    >
      <div className="flex flex-wrap items-center gap-2.5 px-5 pb-2">
        <Segmented
          small
          aria-label="Which models"
          value={kind}
          onChange={setKind}
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
            checked={fits}
            onChange={(event) => setFits(event.target.checked)}
            className="accent-accent"
          />
          Fits this machine
        </label>
        <span className="ml-auto flex items-center gap-2 text-small text-text-2">
          Sort
          <Select
            aria-label="Sort"
            value={sort}
            onChange={setSort}
            options={SORTS.map((value) => ({ value, label: HUB_SORT_WORDS[value] }))}
          />
        </span>
      </div>
      {search.error && (
        <ErrorBlock
          className="mx-5 mb-3"
          tone="off"
          sentence={errorSentence(search.error)}
          actions={<Button onClick={() => void search.refetch()}>Try again</Button>}
        />
      )}
      {models.length > 0 && <DiscoverTable models={models} facts={facts} downloads={downloads} />}
      {search.isSuccess && !search.isFetching && models.length === 0 && (
        <EmptyState
          icon={<Compass size={32} strokeWidth={1.5} />}
          title="No model matches"
          actions={
            <Button kind="primary" onClick={clear}>
              Clear the search and the filters
            </Button>
          }
        >
          The hub has no MLX model for this search and these filters.
        </EmptyState>
      )}
      {search.hasNextPage && models.length > 0 && (
        <div className="flex justify-center p-4">
          <Button busy={search.isFetchingNextPage} onClick={() => void search.fetchNextPage()}>
            Show more
          </Button>
        </div>
      )}
    </Pane>
  );
}
