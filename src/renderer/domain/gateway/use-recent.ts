import { useMemo } from 'react';

import { useMinute } from '@renderer/components/use-minute';
import { useRpcQuery } from '@renderer/queries/use-rpc';
import type { GatewayRequest } from '@shared/domain/gateway-records';
import { type Speed, speedOf } from './speed';

/** So many of the newest requests are known to every screen; new ones come in front (queries/requests-feed.ts). */
export const RECENT = 500;

const NONE: readonly GatewayRequest[] = [];

/** The newest requests, the newest first; empty until they are known. */
export function useRecentRequests(): readonly GatewayRequest[] {
  return useRpcQuery('gateway.requests', { limit: RECENT }).data ?? NONE;
}

/** How fast a profile answered in the last hour; undefined where nothing was measured. */
export function useSpeed(profileId: string): Speed | undefined {
  const requests = useRecentRequests();
  const now = useMinute();
  return useMemo(() => speedOf(requests, now, profileId), [requests, now, profileId]);
}
