import type { Scope } from '@shared/contract/define';
import type { EventFrame, RequestFrame, ResponseFrame } from '@shared/rpc/frames';
import type { Transport } from '@shared/rpc/transport';
import { type Endpoint, LOCAL_SCOPES } from './endpoint';

/** A connection to a core in this process; frames pass through JSON, so that they are the wire's. */
export function connectInProcess(
  endpoint: Endpoint,
  scopes: ReadonlySet<Scope> = LOCAL_SCOPES,
): Transport & { close(): void } {
  const listeners = new Set<(frame: EventFrame) => void>();
  const session = endpoint.connect(
    {
      send(frame) {
        const copy: EventFrame = JSON.parse(JSON.stringify(frame));
        for (const listener of listeners) listener(copy);
      },
      backlog: () => 0,
    },
    scopes,
  );
  return {
    async send(frame: RequestFrame): Promise<ResponseFrame> {
      const answer = await endpoint.dispatch(JSON.parse(JSON.stringify(frame)), session);
      return JSON.parse(JSON.stringify(answer));
    },
    onEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => session.close(),
  };
}
