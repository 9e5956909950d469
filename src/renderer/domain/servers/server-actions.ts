import { useMemo } from 'react';

import { useClient } from '@renderer/api/api-context';
import { navigate, routeHref } from '@renderer/routing/route';
import type { ServerProfile } from '@shared/domain/profile';
import type { Action } from '@shared/errors';
import { clearProblem, toErrorBody, useProblemStore } from './problems';

/** How a start makes room for itself, or does without. */
export interface StartHow {
  /** These are stopped first. */
  readonly stopFirst?: string[];
  /** With what takes the least memory, for this run alone. */
  readonly safeMode?: boolean;
  /** Also when it does not fit. */
  readonly force?: boolean;
}

export interface ServerActions {
  /** One that does not fit is shown in its detail with what would make room. */
  readonly start: (profileId: string, how?: StartHow) => Promise<void>;
  /** Sets the profile's context, tokens, and starts it. */
  readonly startWithContext: (profile: ServerProfile, context: number) => Promise<void>;
  readonly stop: (profileId: string) => Promise<void>;
  readonly restart: (profileId: string, how?: Pick<StartHow, 'force'>) => Promise<void>;
  /** Ends it and shows what would make room for it, where its restart does not fit. */
  readonly stopForRoom: (profileId: string) => Promise<void>;
  /** Makes a copy and shows it. */
  readonly duplicate: (profileId: string) => Promise<void>;
  /** Does what a failure or a refusal proposes; see {@link canPerform}. */
  readonly perform: (profileId: string, action: Action) => Promise<void>;
}

/** Shows the profile's Settings tab, at one field where it is known. */
function showSettings(profileId: string, field?: unknown): void {
  const query = typeof field === 'string' ? { field } : {};
  navigate(routeHref('servers', [profileId, 'settings'], query));
}

/** The screen of engines, at one of them where it is known. */
function showEngine(params: Action['params']): void {
  navigate(routeHref('engines', typeof params?.engine === 'string' ? [params.engine] : []));
}

const GOES: Readonly<Record<string, (profileId: string, params: Action['params']) => void>> = {
  open_engines: (_profileId, params) => showEngine(params),
  reinstall_engine: (_profileId, params) => showEngine(params),
  open_models: () => navigate(routeHref('models')),
  edit_options: (profileId, params) =>
    showSettings(profileId, params?.field ?? (params?.option && `options.${params.option}`)),
  raise_deadline: (profileId) => showSettings(profileId, 'loadDeadlineSeconds'),
  make_room: (profileId) => navigate(routeHref('servers', [profileId])),
};
/** The option that every engine with a limit of the context has (common name). */
export const CONTEXT = 'context-length';

/** Shows what a refused start needs and what could be stopped for it. */
export const MAKE_ROOM: Action = { id: 'make_room', label: 'Make room…' };

const DOES: readonly string[] = ['retry', 'retry_stop', 'next_port', 'safe_mode'];

/** Whether a view can do this action; others are only text. */
export function canPerform(action: Action): boolean {
  return DOES.includes(action.id) || Object.hasOwn(GOES, action.id);
}

/** What can be done with a server. A refusal is kept and shown in the profile's detail. */
export function useServerActions(): ServerActions {
  const client = useClient();
  const problems = useProblemStore();
  return useMemo(() => {
    const attempt = async (profileId: string, work: () => Promise<unknown>): Promise<void> => {
      clearProblem(problems, profileId);
      try {
        await work();
      } catch (error) {
        problems.setState({ [profileId]: toErrorBody(error) });
        navigate(routeHref('servers', [profileId]));
      }
    };
    /** What does not fit is said by the server itself, with numbers that stay true. */
    const startOrRefuse = async (profileId: string, how: StartHow = {}): Promise<void> => {
      try {
        await client.call('servers.start', { profileId, ...how });
      } catch (error) {
        if (toErrorBody(error).code !== 'does_not_fit') throw error;
        navigate(routeHref('servers', [profileId]));
      }
    };
    const start = (profileId: string, how?: StartHow) =>
      attempt(profileId, () => startOrRefuse(profileId, how));
    const stop = (profileId: string) =>
      attempt(profileId, () => client.call('servers.stop', { profileId }));
    const moveToPort = async (profileId: string, port: unknown): Promise<void> => {
      const next = typeof port === 'number' ? port : (await client.call('profiles.nextPort')).port;
      await client.call('profiles.update', { profileId, changes: { port: next } });
      await startOrRefuse(profileId);
    };
    const setContext = async (profile: ServerProfile, context: number): Promise<void> => {
      const options = { ...profile.options, [CONTEXT]: context };
      await client.call('profiles.update', { profileId: profile.id, changes: { options } });
      await startOrRefuse(profile.id);
    };
    return {
      start,
      startWithContext: (profile, context) =>
        attempt(profile.id, () => setContext(profile, context)),
      stop,
      restart: (profileId, how = {}) =>
        attempt(profileId, () => client.call('servers.restart', { profileId, ...how })),
      stopForRoom: (profileId) =>
        attempt(profileId, async () => {
          await client.call('servers.stop', { profileId });
          await startOrRefuse(profileId);
        }),
      duplicate: (profileId) =>
        attempt(profileId, async () => {
          const copy = await client.call('profiles.duplicate', { profileId });
          navigate(routeHref('servers', [copy.id, 'settings']));
        }),
      perform: async (profileId, action) => {
        if (action.id === 'retry') return start(profileId);
        if (action.id === 'retry_stop') return stop(profileId);
        if (action.id === 'safe_mode') return start(profileId, { safeMode: true });
        if (action.id === 'reinstall_engine') {
          const { installationId } = action.params ?? {};
          showEngine(action.params);
          if (typeof installationId !== 'string') return;
          return attempt(profileId, () => client.call('engines.reinstall', { installationId }));
        }
        if (action.id === 'next_port')
          return attempt(profileId, () => moveToPort(profileId, action.params?.port));
        GOES[action.id]?.(profileId, action.params);
      },
    };
  }, [client, problems]);
}
