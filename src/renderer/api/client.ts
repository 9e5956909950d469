import { createClient, type Client } from '@shared/rpc/client';
import type { Connection } from './connection';
import { ipcConnection } from './transport-ipc';
import { WebSocketConnection } from './transport-ws';

export interface Api {
  readonly client: Client;
  readonly connection: Connection;
}

/** Talks over the desktop's bridge where there is one, otherwise over a WebSocket. */
export function createApi(): Api {
  const connection = window.mlx
    ? ipcConnection(window.mlx)
    : new WebSocketConnection(new URL('./', window.location.href.split('#')[0]));
  return { client: createClient(connection), connection };
}

/**
 * Takes a token out of the address (`#token=...`), so that it is in no history and no bookmark.
 * Undefined when there is none.
 */
export function takeTokenFromAddress(): string | undefined {
  const token = new URLSearchParams(window.location.hash.slice(1)).get('token');
  if (!token) return undefined;
  window.history.replaceState(null, '', window.location.pathname + window.location.search);
  return token;
}
