import { Waypoints } from 'lucide-react';
import { useRef, useState } from 'react';
import { flushSync } from 'react-dom';

import { Button } from '@renderer/components/Button';
import { classNames } from '@renderer/components/class-names';
import { CloseDetails } from '@renderer/components/CloseDetails';
import { CopyButton } from '@renderer/components/CopyButton';
import { EmptyState } from '@renderer/components/EmptyState';
import { ErrorBlock, errorSentence } from '@renderer/components/ErrorBlock';
import { Inspector, useInspector } from '@renderer/components/Inspector';
import { InspectorSlot } from '@renderer/components/InspectorSlot';
import { SearchField } from '@renderer/components/SearchField';
import { Select } from '@renderer/components/Select';
import { RECENT } from '@renderer/domain/gateway/use-recent';
import { useLive } from '@renderer/live/use-live';
import { useRpcQuery } from '@renderer/queries/use-rpc';
import { navigate, routeHref } from '@renderer/routing/route';
import { formatCount, formatNumber } from '@shared/format/counts';

import { RequestDetail } from './RequestDetail';
import { RequestTable } from './RequestTable';
import {
  filteredRequests,
  heldRequests,
  REQUEST_FILTERS,
  type RequestFilter,
} from './request-filter';

/** The most that the manager gives at once. */
const MOST = 1000;

interface RequestsTabProps {
  /** Id of a profile: only its requests. */
  readonly profileId: string | undefined;
  /** Id of a request whose details are wanted. */
  readonly request: string | undefined;
}

/** What went through the gateway, as it ends. While a person looks at a row or has scrolled, new ones wait. */
export function RequestsTab({ profileId, request }: RequestsTabProps) {
  const [filter, setFilter] = useState<RequestFilter>('all');
  const [search, setSearch] = useState('');
  const [limit, setLimit] = useState(RECENT);
  const [chosen, setChosen] = useState(request);
  const [from, setFrom] = useState<string>();
  const table = useRef<HTMLDivElement>(null);
  const body = useRef<HTMLDivElement>(null);
  const inspector = useInspector();
  const answer = useRpcQuery(
    'gateway.requests',
    { limit, ...(profileId === undefined ? {} : { profileId }) },
    { keep: true },
  );
  const all = answer.data ?? [];
  const { shown, newer } = heldRequests(filteredRequests(all, filter, search), from);
  const selected = shown.find(({ id }) => id === chosen);
  const hold = (): void => setFrom((now) => now ?? shown[0]?.id);
  const release = (): void => {
    setFrom(undefined);
    body.current?.scrollTo({ top: 0 });
  };
  const select = (id: string): void => {
    setChosen(id);
    hold();
  };
  /** Closed from within: the table is where the person was. */
  const leave = (): void => {
    // The table is there again before it gets the focus.
    flushSync(() => {
      setChosen(undefined);
      inspector.setOpen(inspector.place === 'column');
    });
    if ((body.current?.scrollTop ?? 0) === 0) setFrom(undefined);
    table.current?.focus();
  };
  const isFiltered = filter !== 'all' || search.trim() !== '' || profileId !== undefined;
  const clear = (): void => {
    setFilter('all');
    setSearch('');
    navigate(routeHref('gateway', ['requests']), { replace: true });
  };
  return (
    <div
      className={classNames(
        'flex h-full min-h-0 flex-col',
        selected && inspector.open && 'tiny:invisible',
      )}
    >
      <div className="flex flex-wrap items-center gap-2 px-5 pt-1 pb-2">
        <SearchField
          value={search}
          onChange={setSearch}
          label="Search requests"
          width="w-[190px] narrow:w-[150px]"
        />
        <Select
          aria-label="Status"
          value={filter}
          options={REQUEST_FILTERS}
          onChange={setFilter}
          width="w-28"
        />
        <ProfileSelect profileId={profileId} />
        {newer > 0 && (
          <Button size="small" className="ml-auto" onClick={release}>
            {formatCount(newer, 'new request')}
          </Button>
        )}
      </div>
      <div
        ref={body}
        data-scrolls=""
        className="relative min-h-0 flex-1 overflow-y-auto"
        onScroll={(event) => {
          if (event.currentTarget.scrollTop > 0) hold();
          else if (chosen === undefined) setFrom(undefined);
        }}
      >
        {answer.error && <ErrorBlock className="m-5" sentence={errorSentence(answer.error)} />}
        {shown.length > 0 && (
          <RequestTable
            ref={table}
            requests={shown}
            selected={selected?.id}
            onSelect={select}
            onOpen={(id) => {
              select(id);
              inspector.setOpen(true);
            }}
            onClose={leave}
          />
        )}
        {answer.data && shown.length === 0 && (
          <NoRequests isFiltered={isFiltered} hasSome={all.length > 0} onClear={clear} />
        )}
        {all.length >= limit && limit < MOST && (
          <div className="flex justify-center p-4">
            <Button busy={answer.isFetching} onClick={() => setLimit(MOST)}>
              Show more
            </Button>
          </div>
        )}
        {all.length >= MOST && (
          <p className="p-4 text-center text-caption text-text-3">
            {`The newest ${formatNumber(MOST)}. mlx-manager requests shows older ones.`}
          </p>
        )}
      </div>
      {selected && inspector.open && (
        <InspectorSlot>
          <Inspector
            label={`Request of ${selected.client}`}
            takesOver
            place={inspector.place}
            onClose={leave}
            toolbar={<CloseDetails onClose={leave} />}
          >
            <RequestDetail key={selected.id} request={selected} />
          </Inspector>
        </InspectorSlot>
      )}
    </div>
  );
}

/** The filter is in the address: other screens lead here with it. */
function ProfileSelect({ profileId }: { readonly profileId: string | undefined }) {
  const profiles = useLive((data) => data.profiles);
  const isKnown = profileId === undefined || profiles.some(({ id }) => id === profileId);
  return (
    <Select
      aria-label="Profile"
      value={profileId ?? ''}
      options={[
        { value: '', label: 'All profiles' },
        ...(isKnown ? [] : [{ value: profileId, label: 'Deleted profile' }]),
        ...profiles.map(({ id, name }) => ({ value: id, label: name })),
      ]}
      onChange={(id) =>
        navigate(routeHref('gateway', ['requests'], id === '' ? {} : { profile: id }), {
          replace: true,
        })
      }
      width="w-44 narrow:w-36"
    />
  );
}

interface NoRequestsProps {
  readonly isFiltered: boolean;
  /** Others went through, which the filters hide. */
  readonly hasSome: boolean;
  readonly onClear: () => void;
}

function NoRequests({ isFiltered, hasSome, onClear }: NoRequestsProps) {
  const { url } = useLive((data) => data.gateway);
  const icon = <Waypoints size={32} strokeWidth={1.5} />;
  if (isFiltered) {
    return (
      <EmptyState
        icon={icon}
        title="No requests match"
        actions={<Button onClick={onClear}>Remove filters</Button>}
      >
        {hasSome
          ? 'Other requests went through the gateway.'
          : 'Nothing is known of such requests.'}
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon={icon}
      title="No requests yet"
      actions={
        url && <CopyButton labelled size="regular" text={`${url}/v1`} label="Copy address" />
      }
    >
      {url
        ? `Requests that programs send to ${url}/v1 appear here as they end. Their text isn't kept.`
        : 'Requests appear here once the gateway is listening.'}
    </EmptyState>
  );
}
