import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useSyncExternalStore } from 'react';

import { useClient } from '@renderer/api/api-context';
import { useLiveState, useServer } from '@renderer/live/use-live';
import { useRpcQuery } from '@renderer/queries/use-rpc';
import type { LogRun } from '@shared/domain/log';
import { LogWindow } from './log-window';

/** The runs of a profile, newest first; asked anew when its server's state changes. */
export function useRuns(profileId: string): readonly LogRun[] | undefined {
  const queryClient = useQueryClient();
  const state = useServer(profileId)?.state;
  const runs = useRpcQuery('logs.runs', { profileId });
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new state is the reason to ask
  useEffect(() => {
    void queryClient.invalidateQueries({ queryKey: ['logs.runs', { profileId }] });
  }, [state, profileId, queryClient]);
  return useMemo(() => runs.data?.toSorted((a, b) => b.run - a.run), [runs.data]);
}

/** A window on the run's log that grows with it. */
export function useLogWindow(profileId: string, run: LogRun): LogWindow {
  const client = useClient();
  const queryClient = useQueryClient();
  const epoch = useLiveState((state) => state.epoch);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the window outlives the run's figures
  const window = useMemo(
    () =>
      new LogWindow(run, (from, limit) =>
        client.call('logs.read', { profileId, run: run.run, from, limit }),
      ),
    [client, profileId, run.run, epoch],
  );
  useSyncExternalStore(window.subscribe, window.version);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new connection must follow anew
  useEffect(() => {
    const stop = client.on('logs.lines', (batch) => {
      if (batch.profileId !== profileId) return;
      if (batch.run === run.run) window.append(batch.lines);
      else if (batch.run > run.run)
        void queryClient.invalidateQueries({ queryKey: ['logs.runs', { profileId }] });
    });
    const follow = (on: boolean) =>
      client.call('logs.follow', { profileId, follow: on }).catch((error: unknown) => {
        // A lost connection ends the following by itself, and the next one follows anew.
        console.debug('logs.follow', error);
      });
    void follow(true);
    return () => {
      stop();
      void follow(false);
    };
  }, [client, profileId, run.run, window, queryClient, epoch]);
  return window;
}
