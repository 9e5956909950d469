import type { Dispatcher } from 'undici';

/** What an answer says before its bytes come. */
export interface AnswerHead {
  readonly status: number;
  header(name: string): string | undefined;
}

/** Takes the bytes of an answer. */
export interface ByteSink {
  /** False: the bytes are not wanted. */
  onHead(head: AnswerHead): boolean;
  /** A promise holds the stream up until it resolves; its rejection ends the request. */
  onChunk(chunk: Buffer): Promise<void> | undefined;
}

/** Nothing came for so long that waiting is useless. */
export class StallError extends Error {
  constructor(host: string, ms: number) {
    super(`${host} sent nothing for ${Math.round(ms / 1000)} s.`);
    this.name = 'StallError';
  }
}

export interface ByteRequest {
  readonly dispatcher: Dispatcher;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Without a byte for so long the request ends with a {@link StallError}; pauses of ours do not count. */
  readonly stallMs: number;
}

/** A body that nobody wants is read up to here, so that its connection can be used again. */
const MAX_SKIPPED = 64 << 10;
/** How often the watchdog looks, as a part of its limit. */
const LOOKS = 10;

/**
 * One GET, its bytes given to the sink as they come. Resolves at the end of the answer, or when the sink
 * wants none of it; rejects when it is cut, stalls or is aborted.
 *
 * By undici's dispatch: `fetch` costs several times as much CPU time for each byte.
 */
export function streamBytes(request: ByteRequest, sink: ByteSink): Promise<void> {
  const { dispatcher, url, headers, signal, stallMs } = request;
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    let controller: Dispatcher.DispatchController | undefined;
    let looks = 0;
    let isPaused = false;
    let isDone = false;
    let isSkipping = false;
    let skipped = 0;
    const finish = (error?: unknown): void => {
      if (isDone) return;
      isDone = true;
      clearInterval(watchdog);
      signal.removeEventListener('abort', onAbort);
      if (error === undefined) resolve();
      else reject(error);
    };
    const end = (error: Error): void => {
      finish(error);
      controller?.abort(error);
    };
    const onAbort = (): void =>
      end(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
    // Looks are counted, not time: after a sleep of the machine bytes may wait that nobody has read yet.
    const watchdog = setInterval(() => {
      looks = isPaused ? 0 : looks + 1;
      if (looks > LOOKS) end(new StallError(url.host, stallMs));
    }, stallMs / LOOKS);
    signal.addEventListener('abort', onAbort, { once: true });
    dispatcher.dispatch(
      {
        origin: url.origin,
        path: `${url.pathname}${url.search}`,
        method: 'GET',
        headers: { ...headers },
      },
      {
        onRequestStart(started) {
          controller = started;
          if (isDone) started.abort(new Error('not wanted'));
        },
        onResponseStart(_, status, answered) {
          looks = 0;
          if (isDone || status < 200) return;
          const header = (name: string): string | undefined => {
            const value = answered[name];
            return Array.isArray(value) ? value[0] : value;
          };
          try {
            isSkipping = !sink.onHead({ status, header });
          } catch (error) {
            end(asError(error));
          }
        },
        onResponseData(started, chunk) {
          looks = 0;
          if (isDone) return;
          if (isSkipping) {
            skipped += chunk.length;
            if (skipped <= MAX_SKIPPED) return;
            finish();
            started.abort(new Error('not wanted'));
            return;
          }
          const wait = sink.onChunk(chunk);
          if (!wait) return;
          isPaused = true;
          started.pause();
          wait.then(
            () => {
              isPaused = false;
              started.resume();
            },
            (error: unknown) => end(asError(error)),
          );
        },
        onResponseEnd: () => finish(),
        onResponseError: (_, error) => finish(error),
      },
    );
  });
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
