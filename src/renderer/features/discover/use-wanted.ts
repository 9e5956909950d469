import { useEffect, useRef } from 'react';

import { useRpcQuery } from '@renderer/queries/use-rpc';
import type { Route } from '@renderer/routing/route';
import type { HubModel } from '@shared/domain/hub';

interface Wanted {
  /** The model that the address names. */
  readonly ref: string | undefined;
  readonly model: HubModel | undefined;
  /** Why it cannot be shown. */
  readonly problem: Error | undefined;
}

/** The model of a link to this screen, which need not be among what was found. */
export function useWanted({ path: [ref] }: Route, onLink: () => void): Wanted {
  const page = useRpcQuery('hub.model', { ref: ref ?? '' }, { enabled: ref !== undefined });
  const act = useRef(onLink);
  act.current = onLink;
  useEffect(() => {
    if (ref !== undefined) act.current();
  }, [ref]);
  return { ref, model: page.data?.model, problem: page.error ?? undefined };
}
