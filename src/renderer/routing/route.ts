import { useCallback, useEffect, useMemo, useSyncExternalStore } from 'react';

import { type Screen, SCREENS } from '@shared/domain/screens';

export { type Screen, SCREENS };

/** Where the person is: `#/servers/ID/logs?field=port`. */
export interface Route {
  readonly screen: Screen;
  /** The rest of the path. */
  readonly path: readonly string[];
  readonly query: Readonly<Record<string, string>>;
}

/** A part of an address; as it stands when it was typed wrongly. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Reads an address; anything unknown is the servers. */
export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#?\/?/, '').split('?');
  const [first, ...rest] = path.split('/').filter(Boolean).map(decoded);
  const screen = SCREENS.find((candidate) => candidate === first);
  return {
    screen: screen ?? 'servers',
    path: screen ? rest : [],
    query: Object.fromEntries(new URLSearchParams(query)),
  };
}

/** `#/servers/ID/logs`. */
export function routeHref(
  screen: Screen,
  path: readonly string[] = [],
  query: Readonly<Record<string, string>> = {},
): string {
  const search = new URLSearchParams(query).toString();
  return `#/${[screen, ...path].map(encodeURIComponent).join('/')}${search ? `?${search}` : ''}`;
}

/** Goes to an address of {@link routeHref}. */
export function navigate(href: string, { replace = false } = {}): void {
  if (replace) {
    window.history.replaceState(null, '', href);
    window.dispatchEvent(new HashChangeEvent('hashchange'));
  } else window.location.hash = href;
}

function subscribe(listener: () => void): () => void {
  window.addEventListener('hashchange', listener);
  return () => window.removeEventListener('hashchange', listener);
}

/** The current route; the component is drawn again when it changes. */
export function useRoute(): Route {
  const hash = useSyncExternalStore(subscribe, () => window.location.hash);
  return useMemo(() => parseRoute(hash), [hash]);
}

/**
 * Does what an address asks for besides showing something, `?run=test`, once: the address without it takes its place.
 * Undefined: it cannot be done yet.
 */
export function useRouteRun(name: string, act: (() => void) | undefined): void {
  const route = useRoute();
  useEffect(() => {
    if (route.query.run !== name || act === undefined) return;
    const { run: _, ...query } = route.query;
    navigate(routeHref(route.screen, route.path, query), { replace: true });
    act();
  }, [route, name, act]);
}

/** Goes to a screen: `go('servers', [id, 'logs'])`. */
export function useGo(): (
  screen: Screen,
  path?: readonly string[],
  query?: Readonly<Record<string, string>>,
) => void {
  return useCallback((screen, path, query) => navigate(routeHref(screen, path, query)), []);
}
