import type { Readable } from 'node:stream';

import { Pool } from 'undici';

import type { Address } from '@shared/gateway/target';

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
    try {
      const answer = await this.#pool(address).request({
        path,
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: '*/*' },
        body,
        signal,
      });
      const contentType = answer.headers['content-type'];
      return {
        status: answer.statusCode,
        contentType: (Array.isArray(contentType) ? contentType[0] : contentType) ?? '',
        body: guarded(answer.body, signal),
      };
    } catch (error) {
      throw upstreamError(error, signal);
    }
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

/** What follows an answer that nobody reads any more is read so long, ms, and so much of it, bytes. */
const REST_MS = 1000;
const REST_BYTES = 64 * 1024;

async function* guarded(body: Readable, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    yield* body.iterator({ destroyOnReturn: false });
  } catch (error) {
    throw upstreamError(error, signal);
  } finally {
    readRest(body);
  }
}

/**
 * An answer is often complete a moment before the engine has ended it: its connection can be used again, and an engine
 * that closes it itself writes no traceback, where that moment is waited for. Nobody waits longer than it is worth.
 */
function readRest(body: Readable): void {
  if (body.closed || body.destroyed) return;
  let bytes = 0;
  const end = (): void => {
    body.destroy();
  };
  const timer = setTimeout(end, REST_MS);
  body.once('close', () => clearTimeout(timer));
  // That it was cut off is what is wanted here.
  body.on('error', () => undefined);
  body.on('data', (chunk: Uint8Array) => {
    bytes += chunk.length;
    if (bytes > REST_BYTES) end();
  });
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
