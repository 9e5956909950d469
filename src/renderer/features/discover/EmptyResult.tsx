import { Search } from 'lucide-react';

import { Button } from '@renderer/components/Button';
import { EmptyState } from '@renderer/components/EmptyState';
import { useRpcQuery } from '@renderer/queries/use-rpc';
import type { HubFilter, HubPage, HubSort } from '@shared/domain/hub';
import { emptyTitle, emptyText, type Filters, filterLabels, searchCriteria } from './filters';

interface EmptyResultProps {
  readonly query: string;
  readonly sort: HubSort;
  readonly filters: Filters;
  readonly page: HubPage;
  readonly onRemove: (filter: HubFilter) => void;
  readonly onClear: () => void;
  /** Looks through more of the hub's list; absent at its end. */
  readonly onLookOn: (() => void) | undefined;
  readonly busy: boolean;
}

/** Nothing is found: which filters say so, and the one whose removal finds most. */
export function EmptyResult(props: EmptyResultProps) {
  const { query, sort, filters, page, onRemove, onClear, onLookOn, busy } = props;
  const labels = filterLabels(filters);
  const without = useRpcQuery('hub.without', searchCriteria(query, sort, filters), {
    enabled: labels.length > 0,
  });
  const [most] = without.data ?? [];
  const named = labels.find(({ filter }) => filter === most?.filter);
  const helps = most !== undefined && most.models > 0 && named !== undefined;
  const count = helps ? `${most.models}${most.more ? ' or more' : ''}` : '';
  return (
    <EmptyState
      icon={<Search size={32} strokeWidth={1.5} />}
      title={emptyTitle(query, filters)}
      actions={
        <>
          {helps && (
            <Button kind="primary" onClick={() => onRemove(named.filter)}>
              Remove “{named.label}”
            </Button>
          )}
          {onLookOn && (
            <Button kind={helps ? 'secondary' : 'primary'} busy={busy} onClick={onLookOn}>
              Keep searching
            </Button>
          )}
          {(query !== '' || labels.length > 0) && (
            <Button kind={helps || onLookOn ? 'plain' : 'primary'} onClick={onClear}>
              {labels.length > 0 ? 'Clear all filters' : 'Clear search'}
            </Button>
          )}
        </>
      }
    >
      {emptyText(query, filters)}
      {helps && ` Without “${named.label}”: ${count} ${count === '1' ? 'model' : 'models'}.`}
      {onLookOn && ` Searched ${page.looked} models.`}
    </EmptyState>
  );
}
