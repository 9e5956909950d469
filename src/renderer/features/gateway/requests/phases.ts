import type { GatewayRequest } from '@shared/domain/gateway-records';

/** One stretch of a request's time, ms. */
export interface Phase {
  readonly label: string;
  readonly start: number;
  readonly ms: number;
  readonly colour: string;
}

/** A request's time in its parts, and where its first token was, ms from its beginning. */
export interface Phases {
  readonly parts: readonly Phase[];
  readonly total: number;
  readonly firstToken: number | undefined;
}

/** What did not happen is left out; what happened between has no name and stays empty. Pure. */
export function phasesOf(request: GatewayRequest): Phases {
  const { queueMs, loadMs, firstTokenMs, totalMs } = request;
  const began = queueMs + loadMs;
  const firstToken = firstTokenMs === undefined ? undefined : began + firstTokenMs;
  const parts: Phase[] = [
    { label: 'Queue', start: 0, ms: queueMs, colour: 'bg-memory-4' },
    { label: 'Load', start: queueMs, ms: loadMs, colour: 'bg-measured' },
    { label: 'Prefill', start: began, ms: firstTokenMs ?? 0, colour: 'bg-memory-2' },
    {
      label: 'Decode',
      start: firstToken ?? 0,
      ms: firstToken === undefined ? 0 : totalMs - firstToken,
      colour: 'bg-memory-1',
    },
  ];
  return {
    parts: parts.filter(({ ms }) => ms > 0),
    total: Math.max(totalMs, firstToken ?? 0, began),
    firstToken,
  };
}
