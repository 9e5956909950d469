import { RequestFlow } from '@host/request-flow';
import type { ErrorCode } from '@shared/errors';
import { MAX_FRAME_BYTES, type ResponseFrame } from '@shared/rpc/frames';

/** A page that asks for more than this before it is answered has gone wrong, or is not ours any more. */
const MAX_WAITING = 1000;

/**
 * The requests of one page, within the limits of every other way in: so many bytes each, a few at once, so many in
 * all. Electron holds what a page sends in memory, whatever its size and number.
 */
export class PageRequests {
  #open = 0;
  readonly #flow = new RequestFlow({
    // The page cannot be kept from sending: it is refused instead.
    pause: () => undefined,
    resume: () => undefined,
    unread: () => 0,
    run: (work) => {
      // Each answer has its own promise, which tells of an error.
      work().catch(() => undefined);
    },
  });

  /** Answers by `dispatch`, or at once with why not. */
  answer(frame: unknown, dispatch: () => Promise<ResponseFrame>): Promise<ResponseFrame> {
    const refusal = refusalOf(frame);
    if (refusal) return Promise.resolve(refusal);
    if (this.#open >= MAX_WAITING) {
      const message = `This window has more than ${MAX_WAITING} unanswered requests.`;
      return Promise.resolve(refused(frame, 'rate_limited', message));
    }
    this.#open += 1;
    const answered = Promise.withResolvers<ResponseFrame>();
    this.#flow.take(async () => {
      try {
        answered.resolve(await dispatch());
      } catch (error) {
        answered.reject(error);
      } finally {
        this.#open -= 1;
      }
    });
    return answered.promise;
  }
}

/** What Electron hands over may be what JSON has no words for, such as a circle or a map. */
function refusalOf(frame: unknown): ResponseFrame | undefined {
  try {
    const bytes = Buffer.byteLength(JSON.stringify(frame) ?? '');
    if (bytes <= MAX_FRAME_BYTES) return undefined;
  } catch {
    return refused(frame, 'bad_frame', 'Malformed request frame.');
  }
  return refused(frame, 'bad_frame', `A frame has at most ${MAX_FRAME_BYTES} bytes.`);
}

function refused(frame: unknown, code: ErrorCode, message: string): ResponseFrame {
  const { id }: { id?: unknown } = Object(frame);
  return { id: typeof id === 'number' ? id : 0, ok: false, error: { code, message } };
}
