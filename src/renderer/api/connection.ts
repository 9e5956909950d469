import type { Transport } from '@shared/rpc/transport';

/** `unauthorised`: the manager is there but asks for its token. */
export type ConnectionState = 'connecting' | 'open' | 'lost' | 'unauthorised';

/** A transport that can be lost and comes back by itself. */
export interface Connection extends Transport {
  readonly state: ConnectionState;
  /** Called with each new state. Returns the function that ends it. */
  onState(listener: (state: ConnectionState) => void): () => void;
  /** Connects, and from then on again whenever it is lost. */
  open(): void;
  /** Posts the token; resolves to whether it was right. */
  login(token: string): Promise<LoginResult>;
  /**
   * Ends the login of this browser, or of every browser; then the state is `unauthorised`. Absent where nobody logs in.
   * Rejects with the sentence to show.
   */
  readonly logout?: (everywhere: boolean) => Promise<void>;
  close(): void;
}

/** `refused` carries the sentence to show. */
export type LoginResult =
  | { readonly accepted: true }
  | { readonly accepted: false; readonly message: string };
