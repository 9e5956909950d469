import { useMemo } from 'react';

import { useClient } from '@renderer/api/api-context';
import { type ActionEffect, effectOf } from '@renderer/domain/actions/action-effect';
import { navigate, routeHref } from '@renderer/routing/route';
import { assertNever } from '@shared/assert-never';
import type { ServerProfile } from '@shared/domain/profile';
import type { Action } from '@shared/errors/action';
import { clearProblem, toErrorBody, useProblemStore } from './problems';

type ReinstallEngine = Extract<ActionEffect, { kind: 'reinstall-engine' }>;

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
  /** Does what a failure or a refusal proposes. */
  readonly perform: (profileId: string, action: Action) => Promise<void>;
}

/** The option that every engine with a limit of the context has (common name). */
export const CONTEXT = 'context-length';

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
    const moveToPort = async (profileId: string, port: number): Promise<void> => {
      await client.call('profiles.update', { profileId, changes: { port } });
      await startOrRefuse(profileId);
    };
    const setContext = async (profile: ServerProfile, context: number): Promise<void> => {
      const options = { ...profile.options, [CONTEXT]: context };
      // The options may have been changed elsewhere in this moment: only the context is meant.
      const base = { options: { ...profile.options } };
      await client.call('profiles.update', { profileId: profile.id, changes: { options }, base });
      await startOrRefuse(profile.id);
    };
    /** Shows the engine's page, where the installation can be followed. */
    const reinstall = async ({ engine, installationId }: ReinstallEngine): Promise<void> => {
      await client.call('engines.reinstall', { installationId });
      navigate(routeHref('engines', [engine]));
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
      perform: (profileId, action) => {
        const effect = effectOf(action, profileId);
        switch (effect.kind) {
          case 'go':
            navigate(effect.href);
            return Promise.resolve();
          case 'retry':
            return start(profileId);
          case 'stop-server':
            return stop(effect.profileId ?? profileId);
          case 'start-on-port':
            return attempt(profileId, () => moveToPort(profileId, effect.port));
          case 'start-with-less':
            return start(profileId, { safeMode: true });
          case 'start-anyway':
            return start(profileId, { force: true });
          case 'reinstall-engine':
            return attempt(profileId, () => reinstall(effect));
          case 'cancel-job':
            return attempt(profileId, () => client.call('engines.cancel', { jobId: effect.jobId }));
          case 'download-model':
            // How far it is stands with the model, in Discover and in Models.
            return attempt(profileId, async () => {
              await client.call('downloads.start', { ref: effect.ref });
              navigate(routeHref('discover', [effect.ref]));
            });
          case 'resume-download':
            return attempt(profileId, () =>
              client.call('downloads.resume', { downloadId: effect.downloadId }),
            );
          case 'ask-token':
            navigate(routeHref('settings', [], { field: 'hubToken' }));
            return Promise.resolve();
          case 'open-model-page':
            navigate(routeHref('discover', [effect.ref]));
            return Promise.resolve();
          case 'none':
            return Promise.resolve();
          default:
            return assertNever(effect);
        }
      },
    };
  }, [client, problems]);
}
