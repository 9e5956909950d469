import type { EventFrame, RequestFrame, ResponseFrame } from './frames';

/** All a view needs of the wire. */
export interface Transport {
  /** Resolves with the answer, an error answer included; rejects only when the connection is lost. */
  send(frame: RequestFrame): Promise<ResponseFrame>;
  /** Returns the function that ends the subscription. */
  onEvent(listener: (frame: EventFrame) => void): () => void;
}
