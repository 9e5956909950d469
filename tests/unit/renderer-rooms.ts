/** What every room below the screens may use: it is about no single thing of the domain. */
const GROUND = ['api', 'components', 'live', 'queries', 'routing', 'text'];

/** One thing of the domain each, as several screens show it or act on it; and what an action does. */
const DOMAIN = [
  'actions',
  'engines',
  'gateway',
  'hub',
  'memory',
  'models',
  'servers',
  'downloads',
].map((thing) => `domain/${thing}`);

/** A screen may use everything below the screens, and no other screen. */
const SCREEN = [...GROUND, ...DOMAIN];

const FEATURES = [
  'discover',
  'engines',
  'first-run',
  'gateway',
  'login',
  'models',
  'palette',
  'servers',
  'settings',
].map((screen) => `features/${screen}`);

/** The rooms of the screens: each folder with the others that it may import, types included. */
export const RENDERER_ROOMS: Readonly<Record<string, readonly string[]>> = {
  // Controls that know nothing of the domain, addresses, the manager's answers, and what is said.
  'renderer/components': [],
  'renderer/routing': [],
  'renderer/api': [],
  'renderer/live': ['api'],
  'renderer/queries': ['api', 'live'],
  'renderer/text': ['components'],

  'renderer/domain/actions': GROUND,
  'renderer/domain/engines': [...GROUND, 'domain/actions'],
  'renderer/domain/gateway': GROUND,
  'renderer/domain/hub': [...GROUND, 'domain/actions'],
  'renderer/domain/memory': GROUND,
  'renderer/domain/models': GROUND,
  'renderer/domain/servers': [...GROUND, 'domain/actions'],
  'renderer/domain/downloads': [...GROUND, 'domain/hub'],

  'renderer/features/discover/card': GROUND,
  'renderer/features/discover': [...SCREEN, 'features/discover/card'],
  'renderer/features/engines': SCREEN,
  'renderer/features/first-run': SCREEN,
  'renderer/features/gateway/overview': SCREEN,
  'renderer/features/gateway/requests': SCREEN,
  'renderer/features/gateway/sessions': SCREEN,
  'renderer/features/gateway/keys': SCREEN,
  'renderer/features/gateway': [
    ...SCREEN,
    'features/gateway/overview',
    'features/gateway/requests',
    'features/gateway/sessions',
    'features/gateway/keys',
  ],
  'renderer/features/login': GROUND,
  'renderer/features/models': SCREEN,
  'renderer/features/palette': SCREEN,
  'renderer/features/settings': SCREEN,
  'renderer/features/servers/logs': GROUND,
  'renderer/features/servers/form': SCREEN,
  'renderer/features/servers/make-room': SCREEN,
  'renderer/features/servers/list': [...SCREEN, 'features/servers/form'],
  'renderer/features/servers/detail': [
    ...SCREEN,
    'features/servers/form',
    'features/servers/logs',
    'features/servers/make-room',
  ],
  'renderer/features/servers': [
    ...SCREEN,
    'features/servers/detail',
    'features/servers/form',
    'features/servers/list',
  ],

  // The window: its frame, its keys, and which screen is shown.
  'renderer/app': [...SCREEN, ...FEATURES],
  renderer: [...GROUND, 'app', 'domain/servers'],
};

/** What of `src/shared` the components may use: how numbers are written, and where a link may lead. */
export const SHARED_OF_COMPONENTS = ['shared/format', 'shared/domain/external-links'];
