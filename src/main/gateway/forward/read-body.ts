import type { IncomingMessage } from 'node:http';

import { RequestRefused } from '../conversation/refusal';
import { LIMITS, stalledBody, tooLarge, type UnderWay } from '../doors/limits';

/** A body in memory; `release` gives back what was reserved for it. */
export interface HeldBody {
  readonly bytes: Buffer;
  readonly release: () => void;
}

/**
 * Reads a request's body to its limit.
 * @throws RequestRefused 413 when it is larger, 408 when no byte comes for too long, 503 when too much is held already.
 */
export async function readBody(request: IncomingMessage, underWay: UnderWay): Promise<HeldBody> {
  const chunks: Buffer[] = [];
  let size = 0;
  const release = (): void => {
    underWay.release(size);
    size = 0;
  };
  let isStalled = false;
  const stall = setTimeout(() => {
    isStalled = true;
    request.destroy();
  }, LIMITS.bodyStallMs);
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      stall.refresh();
      const refusal =
        size + chunk.length > LIMITS.bodyBytes
          ? tooLarge(LIMITS.bodyBytes)
          : underWay.reserve(chunk.length);
      if (refusal) throw new RequestRefused(refusal);
      size += chunk.length;
      chunks.push(chunk);
    }
  } catch (error) {
    release();
    throw isStalled ? new RequestRefused(stalledBody()) : error;
  } finally {
    clearTimeout(stall);
  }
  const [first] = chunks;
  return { bytes: chunks.length === 1 && first ? first : Buffer.concat(chunks), release };
}
