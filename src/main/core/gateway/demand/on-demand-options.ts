import type { ServerProfile } from '@shared/domain/profile';
import type { Server } from '@shared/domain/server';
import type { ToDataPlane } from '@shared/gateway/plane';

import type { Clock, Logger } from '../../ports';

/** What the loop asks of the rest of the program. */
export interface OnDemandOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly profile: (profileId: string) => ServerProfile | undefined;
  readonly server: (profileId: string) => Server;
  readonly servers: () => readonly Server[];
  /** @throws DomainError does_not_fit with a FitReport: nothing was started and nothing was stopped. */
  readonly start: (
    profileId: string,
    how: { readonly stopFirst: readonly string[] },
  ) => Promise<unknown>;
  /** Returns when it is proven stopped. */
  readonly stop: (profileId: string) => Promise<unknown>;
  /** Holds new requests of a profile at the door. @returns how many are under way. */
  readonly shut: (profileId: string) => Promise<number>;
  /** How many are under way behind a shut door. */
  readonly count: (profileId: string) => Promise<number>;
  readonly open: (profileId: string) => void;
  readonly tell: (message: ToDataPlane) => void;
}
