import type { Input, Method, Output, Payload, RawInput, Topic } from '../contract';
import { DomainError } from '../errors';
import { knownAction } from '../errors/action';
import type { EventFrame } from './frames';
import type { Transport } from './transport';

type Args<I> = undefined extends I ? [input?: I] : [input: I];

/** The whole API of a view: no code per method. */
export interface Client {
  /** Rejects with a {@link DomainError}. */
  call<M extends Method>(method: M, ...args: Args<RawInput<M>>): Promise<Output<M>>;
  on<T extends Topic>(topic: T, listener: (payload: Payload<T>, seq: number) => void): () => void;
  onFrame(listener: (frame: EventFrame) => void): () => void;
}

export function createClient(transport: Transport): Client {
  let nextId = 1;
  return {
    async call<M extends Method>(method: M, ...args: Args<RawInput<M>>): Promise<Output<M>> {
      const response = await transport.send({ id: nextId++, method, params: args[0] });
      if (!response.ok) {
        const { code, message, action, data } = response.error;
        // The manager may be of another version than this view.
        throw new DomainError(code, message, { action: knownAction(action), data });
      }
      return response.result as Output<M>;
    },
    on(topic, listener) {
      return transport.onEvent((frame) => {
        if (frame.topic === topic)
          listener(frame.payload as Parameters<typeof listener>[0], frame.seq);
      });
    },
    onFrame: (listener) => transport.onEvent(listener),
  };
}

export type { Input };
