import { type Dispatcher, Pool } from 'undici';

import type { Address } from '@shared/gateway/target';
import { UpstreamBody } from './upstream-body';

/** What an engine answered. */
export interface UpstreamAnswer {
  readonly status: number;
  readonly contentType: string;
  /** Can be left early. */
  readonly body: AsyncIterable<Uint8Array>;
}

export interface UpstreamRequest {
  readonly address: Address;
  readonly path: string;
  readonly body: string | Uint8Array;
  /** Aborting it ends the connection, and with it the engine's work. */
  readonly signal: AbortSignal;
}

/** The engine's connection failed. */
export class UpstreamError extends Error {
  constructor(
    readonly code: string,
    message: string,
    /** Nothing of the request can have reached the engine. */
    readonly isUnsent: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'UpstreamError';
  }
}

/** Milliseconds to connect to this machine; a listener that is there answers in less than one. */
const CONNECT_MS = 5000;
/** Codes of a connection that never came about. */
const UNSENT = new Set(['ECONNREFUSED', 'UND_ERR_CONNECT_TIMEOUT', 'ENOTFOUND', 'EADDRNOTAVAIL']);

/** One pool of connections per run of a server; a pool of an earlier run ends with its requests. */
export class Upstreams {
  readonly #pools = new Map<string, { readonly run: number; readonly pool: Pool }>();

  /** @throws UpstreamError; the signal's reason. */
  async post({ address, path, body, signal }: UpstreamRequest): Promise<UpstreamAnswer> {
    signal.throwIfAborted();
    const exchange = new Exchange(signal);
    // Its `request` makes a stream of Node's of each answer: a fifth of the CPU time of a short request (measured).
    this.#pool(address).dispatch({ path, method: 'POST', headers: HEADERS, body }, exchange);
    return exchange.answer;
  }

  async close(): Promise<void> {
    const pools = [...this.#pools.values()];
    this.#pools.clear();
    await Promise.all(pools.map(({ pool }) => pool.destroy()));
  }

  #pool({ host, port, run }: Address): Pool {
    const origin = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
    const known = this.#pools.get(origin);
    if (known?.run === run) return known.pool;
    // Its requests go on; nobody waits for their end here.
    known?.pool.close().catch(() => undefined);
    const pool = new Pool(origin, {
      // A long prompt is silent for minutes: whether an engine hangs is for its supervisor to say.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: { timeout: CONNECT_MS },
      pipelining: 1,
    });
    this.#pools.set(origin, { run, pool });
    return pool;
  }
}

const HEADERS = { 'content-type': 'application/json', accept: '*/*' };

/** One request on its way: from undici's callbacks to a promise of the answer and its body. */
class Exchange implements Dispatcher.DispatchHandler {
  readonly #signal: AbortSignal;
  readonly #answer = Promise.withResolvers<UpstreamAnswer>();
  #controller: Dispatcher.DispatchController | undefined;
  #body: UpstreamBody | undefined;
  readonly #abort = (): void => {
    this.#controller?.abort(reasonOf(this.#signal));
    this.#answer.reject(this.#signal.reason);
  };

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    signal.addEventListener('abort', this.#abort, { once: true });
  }

  get answer(): Promise<UpstreamAnswer> {
    return this.#answer.promise;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#signal.aborted) controller.abort(reasonOf(this.#signal));
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): void {
    // It tells that there is more to come.
    if (status < 200) return;
    const body = new UpstreamBody(controller);
    this.#body = body;
    const type = headers['content-type'];
    const contentType = (Array.isArray(type) ? type[0] : type) ?? '';
    this.#answer.resolve({ status, contentType, body });
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#body?.push(chunk);
  }

  onResponseEnd(): void {
    this.#signal.removeEventListener('abort', this.#abort);
    this.#body?.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#signal.removeEventListener('abort', this.#abort);
    const failure = upstreamError(error, this.#signal);
    this.#body?.fail(failure);
    this.#answer.reject(failure);
  }
}

function reasonOf({ reason }: AbortSignal): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}

function upstreamError(error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  const code: unknown = Object(error).code;
  const name = typeof code === 'string' ? code : 'UNKNOWN';
  const message = error instanceof Error ? error.message : String(error);
  return new UpstreamError(name, message, UNSENT.has(name), { cause: error });
}

/** A body as text, up to a number of bytes. */
export async function readText(body: AsyncIterable<Uint8Array>, limit: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= limit) break;
  }
  return Buffer.concat(chunks).subarray(0, limit).toString('utf8');
}
