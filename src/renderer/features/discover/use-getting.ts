import { useState } from 'react';

import { useRpcCommand } from '@renderer/queries/use-rpc';
import type { HubFacts, HubModel } from '@shared/domain/hub';

/** The download of a model of the hub, before it has begun. */
export interface Getting {
  /** Begins it; asks before where the model does not fit this machine. */
  readonly get: () => void;
  /** Begins it, whatever it needs. */
  readonly begin: () => void;
  readonly tooLarge: boolean;
  readonly busy: boolean;
  /** Why it was refused. */
  readonly error: Error | null;
  readonly asking: boolean;
  readonly setAsking: (asking: boolean) => void;
}

/** For the button that gets a model, and for the menu of the row that it stands in. */
export function useGetting({ ref }: HubModel, facts: HubFacts | undefined): Getting {
  const start = useRpcCommand('downloads.start');
  const [asking, setAsking] = useState(false);
  const tooLarge = facts?.fit?.verdict === 'no';
  const begin = (): void => start.mutate({ ref });
  const get = (): void => (tooLarge ? setAsking(true) : begin());
  return { get, begin, tooLarge, busy: start.isPending, error: start.error, asking, setAsking };
}
