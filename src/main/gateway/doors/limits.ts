import type { ServerOptions } from 'node:http';

import { formatMemory, MIB } from '@shared/format/bytes';
import type { Refusal } from '../conversation/refusal';

const KIB = 1024;

/** What one client, and all of them, may take of the gateway. Sizes are bytes, times ms. */
export const LIMITS = {
  /** Request line and headers together. The longest header that was measured of a coding agent has 739 characters. */
  headBytes: 16 * KIB,
  /** Headers of one request; no client that was recorded sends more than about 20. */
  headers: 100,
  /** The path with its query, of which the query does not even count. */
  targetBytes: 8 * KIB,
  /** One body: a prompt of a million tokens with a few pictures in it. */
  bodyBytes: 64 * MIB,
  /** All bodies that are being read or held: 64 MiB times many clients would be the machine's memory. */
  bodyBytesInAll: 512 * MIB,
  /** A head that takes longer is a slow loris; every real client sends it in one packet. */
  headMs: 10_000,
  /** Without one byte of a body for so long, the client is taken for gone. */
  bodyStallMs: 30_000,
  /** Head and body together; 64 MiB in it is 1.8 Mbit/s. */
  requestMs: 300_000,
  /** An idle connection. Longer than the pools of the SDKs keep theirs, so that the client is the one who closes it. */
  idleMs: 120_000,
  /** How often Node looks for heads and requests that are late. */
  checkMs: 2000,
  /** Open connections, idle ones included. */
  connections: 2048,
  /** Requests under way, waiting ones included. */
  requests: 1024,
  /** The same of one key, or without one of one address: a program that runs wild leaves room for the others. */
  requestsOfClient: 512,
} as const;

export type Limits = { readonly [K in keyof typeof LIMITS]: number };

/**
 * Options of `http.createServer` that keep what only the parser can keep. `connections` is the server's
 * `maxConnections`, and its `maxHeadersCount` must be 0: at any other number Node drops headers beyond it without a
 * word, a second Host among them; {@link LIMITS}.headers refuses them instead (https://nodejs.org/api/http.html).
 */
export function serverOptions(limits: Limits = LIMITS): ServerOptions {
  return {
    maxHeaderSize: limits.headBytes,
    headersTimeout: limits.headMs,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.idleMs,
    connectionsCheckingInterval: limits.checkMs,
    insecureHTTPParser: false,
    // A request without a Host gets the answer of the check of hosts, as the house has it.
    requireHostHeader: false,
    noDelay: true,
  };
}

/** Requests under way and the bytes of their bodies, counted against the limits. */
export class UnderWay {
  readonly #limits: Limits;
  readonly #ofClients = new Map<string, number>();
  #requests = 0;
  #bytes = 0;

  constructor(limits: Limits = LIMITS) {
    this.#limits = limits;
  }

  get requests(): number {
    return this.#requests;
  }

  get bodyBytes(): number {
    return this.#bytes;
  }

  /** Counts one more request of this client; {@link leave} takes it away again. */
  enter(client: string): Refusal | undefined {
    const { requests, requestsOfClient } = this.#limits;
    const own = this.#ofClients.get(client) ?? 0;
    if (own >= requestsOfClient) {
      const message = `This client already has ${own} requests in progress, which is the limit. Wait for some of them to finish.`;
      return { status: 429, code: 'rate_limit_exceeded', message, retryAfterSeconds: 1 };
    }
    if (this.#requests >= requests) {
      const message = `The gateway already has ${requests} requests in progress, which is the limit.`;
      return { status: 503, code: 'overloaded', message, retryAfterSeconds: 2 };
    }
    this.#requests++;
    this.#ofClients.set(client, own + 1);
    return undefined;
  }

  leave(client: string): void {
    const own = this.#ofClients.get(client);
    if (own === undefined) return;
    this.#requests--;
    if (own === 1) this.#ofClients.delete(client);
    else this.#ofClients.set(client, own - 1);
  }

  /** Reserves memory for bytes of a body, before they are kept; {@link release} gives it back. */
  reserve(bytes: number): Refusal | undefined {
    if (this.#bytes + bytes > this.#limits.bodyBytesInAll) {
      const message = 'The gateway is already reading as many large requests as it can hold.';
      return { status: 503, code: 'overloaded', message, retryAfterSeconds: 2 };
    }
    this.#bytes += bytes;
    return undefined;
  }

  release(bytes: number): void {
    this.#bytes = Math.max(0, this.#bytes - bytes);
  }
}

export function tooLarge(limit: number): Refusal {
  const message = `The request body must have at most ${formatMemory(limit)}.`;
  return { status: 413, code: 'request_too_large', message, isFinal: true };
}

export function stalledBody({ bodyStallMs }: Limits = LIMITS): Refusal {
  const message = `No byte of the request body arrived for ${bodyStallMs / 1000} seconds.`;
  return { status: 408, code: 'request_timeout', message };
}

/**
 * What a connection is answered that never became a request, by the code of Node's `clientError`: the whole answer
 * as text, after which the connection is closed. Undefined where nobody is there to read it.
 */
export function answerToBroken(code: string | undefined): string | undefined {
  if (code === 'ECONNRESET' || code === 'EPIPE') return undefined;
  const { status, reason, message } = BROKEN.get(code ?? '') ?? NOT_HTTP;
  // Clients of either shape find their fields in it: nobody knows yet which one it is.
  const error = { type: 'invalid_request_error', code: 'bad_request', message };
  const body = JSON.stringify({ type: 'error', error });
  return [
    `HTTP/1.1 ${status} ${reason}`,
    'Connection: close',
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');
}

interface BrokenAnswer {
  readonly status: number;
  readonly reason: string;
  readonly message: string;
}

const NOT_HTTP: BrokenAnswer = {
  status: 400,
  reason: 'Bad Request',
  message: "The request isn't valid HTTP/1.1.",
};

/** Codes of Node's parser (https://nodejs.org/api/http.html, Event: 'clientError'). */
const BROKEN: ReadonlyMap<string, BrokenAnswer> = new Map([
  [
    'HPE_HEADER_OVERFLOW',
    {
      status: 431,
      reason: 'Request Header Fields Too Large',
      message: `The request line and headers must have at most ${LIMITS.headBytes} bytes.`,
    },
  ],
  [
    'HPE_CHUNK_EXTENSIONS_OVERFLOW',
    {
      status: 413,
      reason: 'Payload Too Large',
      message: 'The chunk extensions of the request body are too long.',
    },
  ],
  [
    'ERR_HTTP_REQUEST_TIMEOUT',
    {
      status: 408,
      reason: 'Request Timeout',
      message: 'The request took too long to arrive.',
    },
  ],
]);
