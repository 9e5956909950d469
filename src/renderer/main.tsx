import './styles.css';

import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

import { ApiContext } from '@renderer/api/api-context';
import { createApi, takeTokenFromAddress } from '@renderer/api/client';
import { guardWrites } from '@renderer/api/guard-writes';
import { App } from '@renderer/app/App';
import { createDraftStore, DraftContext } from '@renderer/domain/servers/drafts';
import { createProblemStore, ProblemContext } from '@renderer/domain/servers/problems';
import { createLiveStore } from '@renderer/live/live-store';
import { startSync } from '@renderer/live/sync';
import { LiveContext } from '@renderer/live/use-live';
import { createQueryClient, invalidateByEvents } from '@renderer/queries/query-client';
import { followRequests } from '@renderer/queries/requests-feed';

/**
 * The desktop has one window, which is made anew whenever it was closed. In a browser there may be several, and each
 * keeps its own drafts.
 */
function draftStorage(): Storage {
  return window.mlx ? window.localStorage : window.sessionStorage;
}

/** A manager that has not said by then that it is there hangs, ms. */
const RESPONSE_MS = 8000;

/** Builds everything the screens need, logs in with the address's token, and draws them. */
async function start(root: HTMLElement): Promise<void> {
  const token = takeTokenFromAddress();
  const api = createApi();
  const live = createLiveStore(api.connection.state);
  const client = guardWrites(api.client, {
    limitMs: RESPONSE_MS,
    onResponding: (responds) => live.setState({ stalled: !responds }),
  });
  const queryClient = createQueryClient();
  const problems = createProblemStore();
  const drafts = createDraftStore(draftStorage());
  startSync(api.client, api.connection, live);
  followRequests(api.client, live, queryClient);
  invalidateByEvents(api.client, live, queryClient);
  // The token first: a connection without it would end at the login page.
  const login = token ? await api.connection.login(token) : undefined;
  api.connection.open();
  const loginProblem = login && !login.accepted ? login.message : undefined;
  createRoot(root).render(
    <StrictMode>
      <ApiContext value={{ ...api, client }}>
        <LiveContext value={live}>
          <QueryClientProvider client={queryClient}>
            <ProblemContext value={problems}>
              <DraftContext value={drafts}>
                <App loginProblem={loginProblem} />
              </DraftContext>
            </ProblemContext>
          </QueryClientProvider>
        </LiveContext>
      </ApiContext>
    </StrictMode>,
  );
}

const root = document.getElementById('root');
if (root) void start(root);
