import type { ServerResponse } from 'node:http';

/** A client that has its answer and writes on is given so long to notice, ms. */
const UNREAD_MS = 2000;

/**
 * What is sent to one client: waits while the client reads slower than the engine writes, and knows when it is gone.
 */
export class ClientStream {
  readonly #response: ServerResponse;
  readonly #gone = new AbortController();

  constructor(response: ServerResponse) {
    this.#response = response;
    response.on('close', () => {
      if (!response.writableFinished) this.#gone.abort(new ClientGone());
    });
    response.on('error', () => this.#gone.abort(new ClientGone()));
  }

  /** Aborted when the client closed the connection before the answer was whole. */
  get signal(): AbortSignal {
    return this.#gone.signal;
  }

  get hasBegun(): boolean {
    return this.#response.headersSent;
  }

  /** The head of an answer that comes in pieces, with the first of them, or at once where that is still to come. */
  begin(status: number, headers: Readonly<Record<string, string>>, first = ''): void {
    this.#response.writeHead(status, headers);
    if (first === '') this.#response.flushHeaders();
    else this.#response.write(first);
  }

  /** A whole answer, head and body in one write. */
  answer(status: number, headers: Readonly<Record<string, string>>, body: string): void {
    this.#response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
    this.#response.end(body);
  }

  /** Resolves at once, or when the client has read enough. @throws ClientGone. */
  async write(text: string | Uint8Array): Promise<void> {
    if (text.length === 0) return;
    if (this.#response.write(text)) return;
    await this.#drained();
  }

  /** The same without waiting: for what is so rare that it never fills anything, such as a beat. */
  send(text: string): void {
    if (text !== '' && !this.#response.destroyed) this.#response.write(text);
  }

  end(text = ''): void {
    this.#response.end(text);
  }

  /**
   * The end of an answer to a request that is not read to its end, on a connection that is closed after it. What the
   * client still writes is read for nothing for a while: closed at once, the connection would be reset, and the client
   * would lose the answer before it has read it (RFC 9112, 9.6).
   */
  endUnread(text: string): void {
    const { req: request } = this.#response;
    this.send(text);
    const end = (): void => {
      clearTimeout(timer);
      this.#response.end();
    };
    const timer = setTimeout(end, UNREAD_MS);
    request.once('end', end).once('close', end).resume();
  }

  /** Cut off: the client must not take what it has for the whole. */
  destroy(): void {
    this.#response.destroy();
  }

  async #drained(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const gone = (): void => reject(this.#gone.signal.reason);
    if (this.#gone.signal.aborted) gone();
    this.#response.once('drain', resolve);
    this.#gone.signal.addEventListener('abort', gone, { once: true });
    try {
      await promise;
    } finally {
      this.#response.off('drain', resolve);
      this.#gone.signal.removeEventListener('abort', gone);
    }
  }
}

/** The client closed the connection. */
export class ClientGone extends Error {
  constructor() {
    super('The client closed the connection.');
    this.name = 'ClientGone';
  }
}
