import { PanelLeft, Server } from 'lucide-react';
import { type ReactNode, useLayoutEffect, useRef, useState } from 'react';

import { Button, IconButton } from '@renderer/components/Button';
import { EmptyState } from '@renderer/components/EmptyState';
import { PaletteButton } from '@renderer/components/PaletteButton';
import { Pane } from '@renderer/components/Pane';
import { neighbourOf } from '@renderer/components/row-order';
import { SearchField } from '@renderer/components/SearchField';
import { useMedia } from '@renderer/components/use-media';
import { useDrafts } from '@renderer/domain/servers/drafts';
import { ServerDetail, tabOf } from '@renderer/features/servers/detail/ServerDetail';
import type { ProfileDraft } from '@renderer/features/servers/form/draft';
import { NewProfile } from '@renderer/features/servers/form/NewProfile';
import { ServerList } from '@renderer/features/servers/list/ServerList';
import { useLive } from '@renderer/live/use-live';
import { navigate, type Route, routeHref } from '@renderer/routing/route';
import { StartupReportCard } from './StartupReport';

const NEW = 'new';

/** The profile of the address; the first one where it names none. */
function useSelected(route: Route) {
  const { path } = route;
  const [wanted] = path;
  const selected = useLive(({ profiles, servers }) => {
    const profile =
      wanted === undefined || wanted === NEW
        ? profiles[0]
        : profiles.find((one) => one.id === wanted);
    return { profile, server: profile && servers[profile.id], count: profiles.length };
  });
  const ids = useLive(({ profiles }) => profiles.map(({ id }) => id));
  const before = useRef(ids);
  // One that was just deleted, here or elsewhere, leaves its place to its neighbor.
  useLayoutEffect(() => {
    const was = before.current;
    before.current = ids;
    if (wanted === undefined || ids.includes(wanted) || !was.includes(wanted)) return;
    const next = neighbourOf(was, ids, wanted);
    navigate(routeHref('servers', next ? [next, ...path.slice(1)] : []), { replace: true });
  }, [ids, wanted, path]);
  return selected;
}

interface ServersScreenProps {
  readonly route: Route;
  /** Stands in place of the list until there is a profile. */
  readonly firstRun: ReactNode;
}

/** Home: the list of profiles and the detail of one. */
export function ServersScreen({ route, firstRun }: ServersScreenProps) {
  const { profile, server, count } = useSelected(route);
  const [search, setSearch] = useState('');
  const [listHidden, setListHidden] = useState(false);
  const [draft, setDraft] = useState<ProfileDraft>();
  const narrow = useMedia('(width < 1000px)');
  const isNew = route.path[0] === NEW;
  const kept = useDrafts(({ fresh }) => fresh?.values as ProfileDraft | undefined);
  const hidden = listHidden && !narrow;
  const select = (id: string) => {
    const tab = isNew ? undefined : route.path[1];
    navigate(routeHref('servers', tab ? [id, tab] : [id]));
  };

  if (count === 0 && !isNew && !kept) return firstRun;
  return (
    <div className="flex h-full min-w-0 flex-1">
      {!hidden && (
        <ServerList
          selectedId={profile?.id}
          search={search}
          draft={isNew ? (draft ?? kept) : kept}
          draftSelected={isNew}
          onSelect={select}
          onNew={() => navigate(routeHref('servers', [NEW]))}
          onClearSearch={() => setSearch('')}
        />
      )}
      <Pane
        fixed
        label={isNew ? 'New profile' : (profile?.name ?? 'Profile')}
        className="flex-1 bg-bg"
        toolbar={{
          leading: narrow ? undefined : (
            <IconButton
              label={hidden ? 'Show the list' : 'Hide the list'}
              onClick={() => setListHidden(!listHidden)}
            >
              <PanelLeft size={16} strokeWidth={1.5} />
            </IconButton>
          ),
          title: hidden ? <span className="font-normal text-text-2">Servers</span> : undefined,
          children: (
            <>
              <SearchField
                collapses
                label="Search servers"
                value={search}
                onChange={(text) => {
                  setSearch(text);
                  setListHidden(false);
                }}
              />
              <PaletteButton />
            </>
          ),
        }}
      >
        {!isNew && <StartupReportCard />}
        {isNew && (
          <NewProfile
            model={route.query.model ?? ''}
            onDraft={setDraft}
            onDone={(id) => navigate(routeHref('servers', id ? [id] : []), { replace: true })}
          />
        )}
        {!isNew && profile && server && (
          <ServerDetail
            profile={profile}
            server={server}
            tab={tabOf(route.path[1])}
            field={route.query.field}
            wide={hidden}
          />
        )}
        {!isNew && !profile && (
          <EmptyState
            icon={<Server size={32} strokeWidth={1.25} />}
            title="This profile doesn’t exist"
            actions={
              <Button kind="primary" onClick={() => navigate(routeHref('servers'))}>
                Show the first profile
              </Button>
            }
          >
            It was deleted, or the link is for another copy of MLX Manager.
          </EmptyState>
        )}
      </Pane>
    </div>
  );
}
