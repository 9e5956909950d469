import { createContext, useContext } from 'react';

import type { Client } from '@shared/rpc/client';
import type { Api } from './client';

export const ApiContext = createContext<Api | undefined>(undefined);

function useApi(): Api {
  const api = useContext(ApiContext);
  if (!api) throw new Error('There is no ApiContext above this component.');
  return api;
}

/** The contract's client. For what is shown use queries/ and live/ instead. */
export function useClient(): Client {
  return useApi().client;
}

/** The connection itself: only for the login and the frame. */
export function useConnection(): Api['connection'] {
  return useApi().connection;
}
