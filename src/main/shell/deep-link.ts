import { SCREENS, SERVER_TABS } from '@shared/domain/screens';

export const LINK_SCHEME = 'mlx-manager';

/** What ids of profiles look like; anything else in a link is refused. */
const ID = /^[a-z0-9]{8,32}$/;

/**
 * Where a `mlx-manager://` link leads: an address of the screens (`#/servers/ID/logs`), or undefined when it
 * leads nowhere. Anyone can write such a link into a page, so it only ever shows something: whatever asks
 * for more (a query, a user, a port, an unknown word) is refused whole.
 */
export function deepLinkTarget(text: string): string | undefined {
  if (text.length > 500 || text.includes('..') || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.protocol !== `${LINK_SCHEME}:`) return undefined;
  if (url.search || url.hash || url.username || url.password || url.port) return undefined;
  const parts = [url.host, ...url.pathname.split('/')].filter(Boolean);
  const [screen = '', id, tab, ...rest] = parts;
  if (!SCREENS.some((name) => name === screen) || rest.length > 0) return undefined;
  if (id === undefined) return `#/${screen}`;
  if (screen !== 'servers' || !ID.test(id)) return undefined;
  if (tab === undefined) return `#/servers/${id}`;
  return SERVER_TABS.some((name) => name === tab) ? `#/servers/${id}/${tab}` : undefined;
}
