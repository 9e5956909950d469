import type { EngineJob } from '@shared/domain/engine';
import { freeMemory, shortText } from '@shared/domain/memory-labels';
import type { Server } from '@shared/domain/server';
import { isActive, isServing, type ServerState, stateFamily } from '@shared/domain/server-state';
import { formatMemory } from '@shared/format/bytes';
import { formatPercent } from '@shared/format/counts';
import { failureWords } from '@shared/errors/failure-label';
import type { LiveData } from '@shared/live/live-data';
import { downloadedFraction, downloadItems } from './download-menu';
import { gatewayItems } from './gateway-menu';
import { item, type MenuGlyph, type MenuNode, OPEN, QUIT, SEPARATOR, SETTINGS } from './menu-node';
import { menuText, wrapped } from './menu-text';

/** Which picture is in the menu bar: one shape each, so that it is read at a glance. */
export type TrayImage = 'idle' | 'running' | 'loading' | 'problem';

export interface TrayModel {
  readonly image: TrayImage;
  /** Said on hover and to VoiceOver. */
  readonly tooltip: string;
  readonly items: readonly MenuNode[];
}

/**
 * The menu-bar icon and its menu. Pure: the same facts always give the same menu. `data` is undefined until the
 * manager has told what is true.
 */
export function trayModel(data: LiveData | undefined): TrayModel {
  if (!data) return starting();
  const servers = data.profiles.flatMap(({ id }) => data.servers[id] ?? []);
  const summary = summaryOf(servers, freeMemory(data.machine).free);
  return {
    image: trayImage(servers.map(({ state }) => state)),
    tooltip: `MLX Manager: ${[summary, ...downloadsText(data)].join(', ')}`,
    items: [
      { type: 'text', id: 'summary', label: summary },
      ...servers.map(serverMenu),
      ...(servers.length === 0 ? [item('new', 'New Profile…', { do: 'page', action: 'new' })] : []),
      ...gatewayItems(data.gateway),
      ...heldItems(data),
      ...jobItems(Object.values(data.engineJobs)),
      ...downloadItems(data.downloads),
      ...updateItems(data),
      ...applicationItems(),
    ],
  };
}

function starting(): TrayModel {
  return {
    image: 'idle',
    tooltip: 'MLX Manager is starting',
    items: [{ type: 'text', id: 'summary', label: 'Starting…' }, ...applicationItems()],
  };
}

function applicationItems(): MenuNode[] {
  return [SEPARATOR, OPEN, SETTINGS, SEPARATOR, QUIT];
}

/** A problem comes before a load, a load before what runs. */
export function trayImage(states: readonly ServerState[]): TrayImage {
  const families = new Set(states.map(stateFamily));
  if (families.has('broken') || families.has('warning')) return 'problem';
  if (families.has('working')) return 'loading';
  return families.has('ready') ? 'running' : 'idle';
}

function summaryOf(servers: readonly Server[], freeBytes: number): string {
  const count = (test: (state: ServerState) => boolean): number =>
    servers.filter(({ state }) => test(state)).length;
  const problems = count((state) => ['warning', 'broken'].includes(stateFamily(state)));
  const loading = count((state) => stateFamily(state) === 'working');
  const ready = count((state) => state === 'ready');
  const parts = [
    ready > 0 || problems + loading === 0 ? `${ready === 0 ? 'none' : ready} ready` : '',
    loading > 0 ? `${loading} loading` : '',
    problems > 0 ? `${problems} with problems` : '',
    `${formatMemory(freeBytes)} free`,
  ];
  return parts.filter(Boolean).join(', ');
}

function downloadsText({ downloads }: LiveData): string[] {
  const fraction = downloadedFraction(downloads);
  return fraction === undefined ? [] : [`downloading, ${formatPercent(fraction)}`];
}

/** The name and the state's word, two spaces apart: a native menu has no columns. */
function serverMenu(server: Server): MenuNode {
  const { profileId, name } = server;
  return {
    type: 'menu',
    id: `server:${profileId}`,
    label: `${menuText(name)}  ${stateText(server)}`,
    glyph: glyphOf(server.state),
    items: [
      ...failureItems(server),
      ...refusalItems(server),
      ...controls(server),
      SEPARATOR,
      ...(isServing(server.state)
        ? [
            item(`copy:${profileId}`, `Copy Address  :${server.port}`, {
              do: 'copy',
              text: server.url,
            }),
          ]
        : []),
      item(`show:${profileId}`, `Show ${menuText(name)}`, {
        do: 'page',
        action: `show:${profileId}`,
      }),
      item(`logs:${profileId}`, 'Show Logs', { do: 'page', action: `logs:${profileId}` }),
    ],
  };
}

function glyphOf(state: ServerState): MenuGlyph {
  return stateFamily(state);
}

function stateText(server: Server): string {
  const { state, progress, modelMissing, restartNeeded, refusal, failure } = server;
  if (failure) return `${state}: ${failureWords(failure.code)}`;
  if (refusal) return `${state}, ${shortText(refusal.shortBytes)}`;
  if (progress?.fraction !== undefined) return `${state}, ${formatPercent(progress.fraction)}`;
  if (modelMissing) return `${state}, model files missing`;
  return restartNeeded ? `${state}, restart to apply` : state;
}

function controls({ profileId, state }: Server): MenuNode[] {
  const stop = item(
    `stop:${profileId}`,
    'Stop',
    { do: 'stop', profileId },
    { enabled: state !== 'stopping' },
  );
  if (!isActive(state)) return [item(`start:${profileId}`, 'Start', { do: 'start', profileId })];
  const restart = item(`restart:${profileId}`, 'Restart', { do: 'restart', profileId });
  return isServing(state) ? [stop, restart] : [stop];
}

/** What is wrong, and the way to the button that mends it. */
function failureItems({ profileId, failure }: Server): MenuNode[] {
  if (!failure) return [];
  const { action } = failure;
  const fix = action
    ? [item(`fix:${profileId}`, menuText(action.label), { do: 'page', action: `fix:${profileId}` })]
    : [];
  return [...sentenceItems(`failure:${profileId}`, failure.message), SEPARATOR, ...fix];
}

/** A sentence in as many lines as it takes. */
function sentenceItems(id: string, sentence: string): MenuNode[] {
  return wrapped(sentence).map((label, index) => ({ type: 'text', id: `${id}:${index}`, label }));
}

function heldItems({ startup }: LiveData): MenuNode[] {
  if (!startup?.heldBecauseOf) return [];
  return [
    SEPARATOR,
    { type: 'text', id: 'held', label: 'Nothing started at login' },
    item('held-show', 'Show Why…', { do: 'page', action: 'go:servers' }),
  ];
}

/** What a start was refused for, and the way to where room is made. */
function refusalItems({ profileId, refusal }: Server): MenuNode[] {
  if (!refusal) return [];
  return [
    ...sentenceItems(`refusal:${profileId}`, refusal.message),
    SEPARATOR,
    item(`room:${profileId}`, 'Make Room…', { do: 'page', action: `make-room:${profileId}` }),
  ];
}

function jobItems(jobs: readonly EngineJob[]): MenuNode[] {
  const running = jobs.filter((job) => job.state === 'running');
  if (running.length === 0) return [];
  return [
    SEPARATOR,
    { type: 'text', id: 'jobs', label: 'Installations' },
    ...running.map((job) =>
      item(
        `job:${job.id}`,
        `${job.engine}  ${job.queuedAfter ? 'queued' : formatPercent(job.fraction)}`,
        {
          do: 'page',
          action: `engine-page:${job.engine}`,
        },
      ),
    ),
  ];
}

function updateItems({ desktop }: LiveData): MenuNode[] {
  if (desktop?.update.state !== 'ready') return [];
  const version = desktop.update.version ?? 'a newer version';
  return [SEPARATOR, item('update', `Restart to Update to ${version}`, { do: 'install-update' })];
}
