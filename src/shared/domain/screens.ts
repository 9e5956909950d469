/** The screens, in the order of the sidebar: their names are also addresses (`#/servers`). */
export const SCREENS = ['servers', 'models', 'discover', 'engines', 'gateway', 'settings'] as const;
export type Screen = (typeof SCREENS)[number];

/** The parts of a server's page: `#/servers/ID/logs`. */
export const SERVER_TABS = ['overview', 'logs', 'metrics', 'command', 'settings'] as const;

/** The parts of the gateway's page: `#/gateway/requests`. */
export const GATEWAY_TABS = ['overview', 'requests', 'sessions', 'keys'] as const;
