import type { Readable } from 'node:stream';

import { type Refusal, RequestRefused } from '../conversation/refusal';
import { LIMITS, type Limits, stalledBody, tooLarge, type UnderWay } from './limits';

/** A body in memory, which counts against the limit of all until it is released. */
export interface HeldBody {
  readonly bytes: Buffer;
  /** It is no longer needed; a second call does nothing. */
  readonly release: () => void;
}

/**
 * Reads a body to its end. What is refused is no longer read: the connection has to be closed with the answer.
 * @throws RequestRefused 413 for one that is larger than it may be, 408 for one that stalls, 503 where all bodies
 * together would be too much, 400 for one that was cut off.
 */
export function readBody(
  stream: Readable,
  underWay: UnderWay,
  limits: Limits = LIMITS,
): Promise<HeldBody> {
  const { promise, resolve, reject } = Promise.withResolvers<HeldBody>();
  const chunks: Buffer[] = [];
  let length = 0;
  let isHeld = true;
  const release = (): void => {
    if (isHeld) underWay.release(length);
    isHeld = false;
  };
  const leave = (): void => {
    clearTimeout(stall);
    stream.off('data', take).off('end', finish).off('close', cut).off('error', cut);
  };
  const refuse = (refusal: Refusal): void => {
    leave();
    // What the stream still tells after that concerns nobody; unheard, an error would end the thread.
    stream.on('error', () => undefined).pause();
    release();
    reject(new RequestRefused(refusal));
  };
  const take = (chunk: Buffer): void => {
    stall.refresh();
    const isTooLarge = length + chunk.length > limits.bodyBytes;
    const refusal = isTooLarge ? tooLarge(limits.bodyBytes) : underWay.reserve(chunk.length);
    if (refusal) {
      refuse(refusal);
      return;
    }
    length += chunk.length;
    chunks.push(chunk);
  };
  const finish = (): void => {
    leave();
    const [first] = chunks;
    const bytes =
      first !== undefined && chunks.length === 1 ? first : Buffer.concat(chunks, length);
    resolve({ bytes, release });
  };
  const cut = (): void =>
    refuse({ status: 400, code: 'bad_request', message: 'The request body was cut off.' });
  const stall = setTimeout(() => refuse(stalledBody(limits)), limits.bodyStallMs);
  stream.on('data', take).once('end', finish).once('close', cut).once('error', cut);
  return promise;
}
