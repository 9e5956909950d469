import type { Action } from '@shared/errors';
import { useMemo } from 'react';
import { useClient } from '../../api/api-context';
import { navigate, routeHref } from '../frame/route';
import { clearProblem, toErrorBody, useProblemStore } from './problems';

export interface ServerActions {
  readonly start: (profileId: string) => Promise<void>;
  readonly stop: (profileId: string) => Promise<void>;
  readonly restart: (profileId: string) => Promise<void>;
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

const GOES: Readonly<Record<string, (profileId: string, params: Action['params']) => void>> = {
  open_engines: () => navigate(routeHref('engines')),
  reinstall_engine: () => navigate(routeHref('engines')),
  open_models: () => navigate(routeHref('models')),
  edit_options: (profileId, params) =>
    showSettings(profileId, params?.field ?? (params?.option && `options.${params.option}`)),
  raise_deadline: (profileId) => showSettings(profileId, 'loadDeadlineSeconds'),
};
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
    const start = (profileId: string) =>
      attempt(profileId, () => client.call('servers.start', { profileId }));
    const stop = (profileId: string) =>
      attempt(profileId, () => client.call('servers.stop', { profileId }));
    const moveToPort = async (profileId: string, port: unknown): Promise<void> => {
      const next = typeof port === 'number' ? port : (await client.call('profiles.nextPort')).port;
      await client.call('profiles.update', { profileId, changes: { port: next } });
      await client.call('servers.start', { profileId });
    };
    return {
      start,
      stop,
      restart: (profileId) =>
        attempt(profileId, () => client.call('servers.restart', { profileId })),
      duplicate: (profileId) =>
        attempt(profileId, async () => {
          const copy = await client.call('profiles.duplicate', { profileId });
          navigate(routeHref('servers', [copy.id, 'settings']));
        }),
      perform: async (profileId, action) => {
        if (action.id === 'retry') return start(profileId);
        if (action.id === 'retry_stop') return stop(profileId);
        if (action.id === 'safe_mode')
          return attempt(profileId, () =>
            client.call('servers.start', { profileId, safeMode: true }),
          );
        if (action.id === 'next_port')
          return attempt(profileId, () => moveToPort(profileId, action.params?.port));
        GOES[action.id]?.(profileId, action.params);
      },
    };
  }, [client, problems]);
}
