import { memo, useCallback, useEffect, useMemo, useState } from 'react';

import { Button } from '@renderer/components/Button';
import { ErrorBlock } from '@renderer/components/ErrorBlock';
import { isDesktop } from '@renderer/components/platform';
import { OpenPaletteContext } from '@renderer/components/PaletteButton';
import { RefusalContext } from '@renderer/components/refusal';
import { ToastHost } from '@renderer/components/Toast';
import { TooltipProvider } from '@renderer/components/Tooltip';
import { DeletionHost } from '@renderer/domain/models/DeletionHost';
import { keepDraftsOf, useDraftStore } from '@renderer/domain/servers/drafts';
import { useServerActions } from '@renderer/domain/servers/server-actions';
import { DiscoverScreen } from '@renderer/features/discover/DiscoverScreen';
import { EnginesScreen } from '@renderer/features/engines/EnginesScreen';
import { FirstRun } from '@renderer/features/first-run/FirstRun';
import { GatewayScreen } from '@renderer/features/gateway/GatewayScreen';
import { LoginPage } from '@renderer/features/login/LoginPage';
import { ModelsScreen } from '@renderer/features/models/ModelsScreen';
import { Palette } from '@renderer/features/palette/Palette';
import { ServersScreen } from '@renderer/features/servers/ServersScreen';
import { SettingsScreen } from '@renderer/features/settings/SettingsScreen';
import { refusalOf, useLive, useLiveState } from '@renderer/live/use-live';
import { navigate, routeHref, SCREENS, type Route, useRoute } from '@renderer/routing/route';
import { modelName } from '@renderer/text/server-text';
import { Banners, ConnectionBar } from './Banners';
import { Sidebar } from './Sidebar';
import { StateAnnouncer } from './StateAnnouncer';
import { useCutTexts } from './use-cut-texts';
import { useMenuCommands } from './use-menu-commands';
import { useShortcuts } from './use-shortcuts';
import { useTheme } from './use-theme';
import { windowTitle } from './window-title';

/** Drawn again when its address changes, not when the palette opens above it. */
const ScreenOf = memo(function ScreenOf({ route }: { readonly route: Route }) {
  switch (route.screen) {
    case 'servers':
      return <ServersScreen route={route} firstRun={<FirstRun />} />;
    case 'models':
      return <ModelsScreen route={route} />;
    case 'discover':
      return <DiscoverScreen route={route} />;
    case 'engines':
      return <EnginesScreen />;
    case 'gateway':
      return <GatewayScreen route={route} />;
    case 'settings':
      return <SettingsScreen />;
  }
});

/** The profile that shortcuts act on: the one in front, or the first; none where a link names one that is not there. */
function useCurrentProfileId({ screen, path: [wanted] }: Route): string | undefined {
  return useLive(({ profiles }) => {
    const profile = profiles.find(({ id }) => id === wanted);
    const isUnknown = screen === 'servers' && wanted !== undefined && wanted !== 'new';
    return (isUnknown ? profile : (profile ?? profiles[0]))?.id;
  });
}

/** The drafts of a profile go with it. */
function useDraftsOfProfiles(): void {
  const store = useDraftStore();
  const ids = useLive(({ profiles }) => profiles.map(({ id }) => id));
  useEffect(() => keepDraftsOf(store, ids), [store, ids]);
}

/** The tab of a browser is named after what is in it. */
function useTitle({ screen: id, path: [first] }: Route): void {
  const profile = useLive(({ profiles }) =>
    first === undefined ? profiles[0]?.name : profiles.find((one) => one.id === first)?.name,
  );
  const failing = useLive(({ profiles, servers }) =>
    profiles.flatMap((one) => {
      const state = servers[one.id]?.state;
      return state === 'failed' || state === 'stuck' ? [one.name] : [];
    }),
  );
  const selected = id === 'servers' ? profile : first && modelName(first);
  const screen = `${id.charAt(0).toUpperCase()}${id.slice(1)}`;
  const title = windowTitle({ screen, selected, failing });
  useEffect(() => {
    document.title = title;
  }, [title]);
}

function Window() {
  useDraftsOfProfiles();
  const route = useRoute();
  const actions = useServerActions();
  const current = useCurrentProfileId(route);
  const [paletteOpen, setPaletteOpen] = useState(false);
  const openPalette = useCallback(() => setPaletteOpen(true), []);
  useTheme();
  useTitle(route);
  const shortcuts = useMemo(
    () => ({
      screen: (index: number) => {
        const screen = SCREENS[index];
        if (screen) navigate(routeHref(screen));
      },
      newProfile: () => navigate(routeHref('servers', ['new'])),
      restart: () => {
        if (current) void actions.restart(current);
      },
      stop: () => {
        if (current) void actions.stop(current);
      },
      palette: () => setPaletteOpen((open) => !open),
    }),
    [actions, current],
  );
  useShortcuts(shortcuts);
  useMenuCommands(shortcuts);
  return (
    <OpenPaletteContext value={openPalette}>
      <div className="flex h-full flex-col">
        <Banners />
        <div className="flex min-h-0 flex-1">
          <Sidebar />
          <main className="flex min-w-0 flex-1">
            <ScreenOf route={route} />
          </main>
        </div>
        <ConnectionBar />
      </div>
      <StateAnnouncer />
      <Palette open={paletteOpen} onOpenChange={setPaletteOpen} />
    </OpenPaletteContext>
  );
}

const STARTING = 'MLX Manager is starting.';
const CONNECTING = 'Connecting to MLX Manager. If this takes long, it may not be running.';

/** Shown until the first snapshot: nothing for a moment, so that a quick start does not flicker. */
function Connecting() {
  const [slow, setSlow] = useState(false);
  const problem = useLiveState((state) => state.problem);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), 700);
    return () => clearTimeout(timer);
  }, []);
  return (
    <main className="flex h-full items-center justify-center">
      {problem && (
        <ErrorBlock
          sentence="Couldn't load MLX Manager's state."
          detail={problem}
          actions={
            <Button kind="primary" onClick={() => window.location.reload()}>
              Try again
            </Button>
          }
        />
      )}
      <p role="status" className="text-text-2">
        {slow && !problem && (isDesktop() ? STARTING : CONNECTING)}
      </p>
    </main>
  );
}

interface AppProps {
  /** Why the token of the address was refused. */
  readonly loginProblem: string | undefined;
}

/** The whole of it: the login, the wait for the first snapshot, or the window. */
export function App({ loginProblem }: AppProps) {
  const connection = useLiveState((state) => state.connection);
  const known = useLiveState((state) => state.data !== undefined);
  const refusal = useLiveState(refusalOf);
  useCutTexts();
  const shown =
    connection === 'unauthorised' ? (
      <LoginPage problem={loginProblem} />
    ) : known ? (
      <DeletionHost>
        <Window />
      </DeletionHost>
    ) : (
      <Connecting />
    );
  return (
    <TooltipProvider>
      <RefusalContext value={known ? refusal : undefined}>
        <ToastHost>{shown}</ToastHost>
      </RefusalContext>
    </TooltipProvider>
  );
}
