import type { Socket } from 'node:net';

import type { buildConnector, Dispatcher } from 'undici';

import { DomainError } from '@shared/errors';

import type { Clock } from '../ports';
import type { HubEndpoint } from './endpoint';
import { checkAddress, MAX_REDIRECTS, mayHaveToken, nextRedirect } from './redirects';
import { hubError, type HubQuestion, offlineError } from './hub-errors';
import { publicLookup } from './public-address';
import { BufferPool } from './buffer-pool';

type Env = Readonly<Record<string, string | undefined>>;

export interface HubNetworkOptions {
  readonly env: Env;
  readonly clock: Clock;
  readonly endpoint: () => HubEndpoint;
  readonly token: () => Promise<string | undefined>;
  /** Why there is no token although one was kept: said where the hub asks for one. */
  readonly unreadToken?: () => Promise<string | undefined>;
  readonly version: string;
  /** Called before the first connection: what the machine trusts is trusted from then on. */
  readonly trust: () => void;
}

/** Nothing of the hub's metadata is larger; a stranger's endpoint may try. */
const MAX_METADATA_BYTES = 64_000_000;
/** For an answer of the API to begin and to go on, ms. */
const METADATA_TIMEOUT_MS = 30_000;
const CONNECT_TIMEOUT_MS = 15_000;

/** With the first request: most commands ask the hub for nothing, and loading it takes as long as they do. */
const loadUndici = (): Promise<typeof import('undici')> => import('undici');

/** What a metadata request is about, for the sentence of a failure. */
export type About = Pick<HubQuestion, 'ref' | 'revision' | 'file'>;

interface Question {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  readonly about: About;
  readonly signal?: AbortSignal | undefined;
  readonly token?: string | undefined;
}

/**
 * The way to the hub and to the hosts that it redirects to: every address is checked, the token is sent
 * to the hub alone, proxies of the environment are respected.
 */
export class HubNetwork {
  readonly #options: HubNetworkOptions;
  #bytes: Promise<Dispatcher> | undefined;
  #metadata: Promise<Dispatcher> | undefined;
  /** Whose last requests are still under way. */
  readonly #old = new Set<Promise<Dispatcher>>();
  /** What bytes of files are read into. */
  readonly memory = new BufferPool();
  /** Since when nothing was answered, Unix ms. */
  #silentSince: number | undefined;

  constructor(options: HubNetworkOptions) {
    this.#options = options;
  }

  get endpoint(): HubEndpoint {
    return this.#options.endpoint();
  }

  /** For the bytes of files, of which {@link memory} hears; their address was checked by {@link checkAddress}. */
  dispatcher(): Promise<Dispatcher> {
    this.#bytes ??= this.#open(this.memory);
    return this.#bytes;
  }

  #open(memory: BufferPool | undefined): Promise<Dispatcher> {
    this.#options.trust();
    return openDispatcher(this.#options.env, this.endpoint, memory);
  }

  /** Later requests go over new connections; those that are under way keep theirs. */
  renew(): void {
    const old = [this.#bytes, this.#metadata].filter((one) => one !== undefined);
    this.#bytes = undefined;
    this.#metadata = undefined;
    for (const one of old) {
      const forget = (): boolean => this.#old.delete(one);
      this.#old.add(one);
      one.then((dispatcher) => dispatcher.close()).then(forget, forget);
    }
  }

  async close(): Promise<void> {
    const all = [this.#bytes, this.#metadata, ...this.#old];
    await Promise.all(all.map(async (one) => (await one)?.destroy()));
    this.#bytes = undefined;
    this.#metadata = undefined;
  }

  /** Headers for one address: the token (the one in use, or a given one) only where it belongs. */
  async headersFor(url: URL, given?: string): Promise<Record<string, string>> {
    const isHub = mayHaveToken(url, this.endpoint);
    const token = isHub ? (given ?? (await this.#options.token())) : undefined;
    return {
      'user-agent': `mlx-manager/${this.#options.version}`,
      // Compressed bytes would not be those of the file.
      'accept-encoding': 'identity',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    };
  }

  async errorFor(
    status: number,
    header: (name: string) => string | undefined,
    about: About,
  ): Promise<DomainError> {
    const hasToken = (await this.#options.token()) !== undefined;
    const unreadToken = await this.#options.unreadToken?.();
    const question = { ...about, host: this.endpoint.host, hasToken, unreadToken };
    return hubError(status, header, question, this.#options.clock.now());
  }

  /**
   * A `fetch` for the hub's library: follows redirects by our rules, reads the body up to a limit.
   * It rejects with the DomainError for everything that is no success.
   * @param token instead of the one in use.
   */
  fetchFor(about: About, signal?: AbortSignal, token?: string): typeof fetch {
    return async (input, init) => {
      const request = new Request(input, init);
      const body = request.body ? await request.text() : undefined;
      const { authorization: _, ...headers } = Object.fromEntries(request.headers);
      const { method } = request;
      return this.#follow(new URL(request.url), { method, headers, body, about, signal, token });
    };
  }

  /** A small file or an answer of the API as text. */
  async text(url: URL, about: About, signal?: AbortSignal): Promise<string> {
    return (await this.#follow(url, { method: 'GET', headers: {}, about, signal })).text();
  }

  /** Bytes of a file from `start` up to `end`, not counting it. */
  async range(
    url: URL,
    [start, end]: readonly [number, number],
    about: About,
    signal?: AbortSignal,
  ): Promise<Buffer> {
    const headers = { range: `bytes=${start}-${end - 1}` };
    const answer = await this.#follow(url, { method: 'GET', headers, about, signal });
    const bytes = Buffer.from(await answer.arrayBuffer());
    // A server that knows no ranges gives the whole file.
    return answer.status === 206 ? bytes : bytes.subarray(start, end);
  }

  async #follow(first: URL, question: Question): Promise<Response> {
    checkAddress(first, this.endpoint);
    let url = first;
    for (let redirect = 0; redirect < MAX_REDIRECTS; redirect++) {
      const answer = await this.#ask(url, question);
      if (answer.status >= 300 && answer.status < 400 && answer.status !== 304) {
        url = nextRedirect(url, answer.headers.get('location') ?? undefined, this.endpoint);
        continue;
      }
      if (answer.ok) return answer;
      throw await this.errorFor(
        answer.status,
        (name) => answer.headers.get(name) ?? undefined,
        question.about,
      );
    }
    throw new DomainError('offline', `${first.host} keeps redirecting.`);
  }

  #forMetadata(): Promise<Dispatcher> {
    this.#metadata ??= this.#open(undefined);
    return this.#metadata;
  }

  async #ask(url: URL, question: Question): Promise<Response> {
    const { method, headers, body, signal, token } = question;
    try {
      const { fetch } = await loadUndici();
      const answer = await fetch(url, {
        method,
        headers: { ...headers, ...(await this.headersFor(url, token)) },
        ...(body === undefined ? {} : { body }),
        redirect: 'manual',
        dispatcher: await this.#forMetadata(),
        signal: AbortSignal.any([
          AbortSignal.timeout(METADATA_TIMEOUT_MS),
          ...(signal ? [signal] : []),
        ]),
      });
      const bytes = await readLimited(answer.body, MAX_METADATA_BYTES);
      this.#silentSince = undefined;
      const isNull = answer.status === 204 || answer.status === 304;
      return new Response(isNull ? null : bytes, {
        status: answer.status,
        headers: [...answer.headers],
      });
    } catch (error) {
      if (error instanceof DomainError) throw error;
      if (signal?.aborted) throw new DomainError('cancelled', 'The request was canceled.');
      this.#silentSince ??= this.#options.clock.now();
      throw offlineError(url.host, error, this.#silentSince);
    }
  }
}

async function readLimited(
  body: AsyncIterable<Uint8Array> | null,
  limit: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.length;
    if (size > limit)
      throw new DomainError('internal', `The response is larger than ${limit} bytes.`);
    chunks.push(chunk);
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

/**
 * Streams have a watchdog of their own, so undici's timeouts are off; and one request per connection,
 * since hosts that limit a connection's speed would otherwise limit all parts of a file together.
 */
async function openDispatcher(
  env: Env,
  endpoint: HubEndpoint,
  memory: BufferPool | undefined,
): Promise<Dispatcher> {
  const { Agent, buildConnector, EnvHttpProxyAgent } = await loadUndici();
  const common = { headersTimeout: 0, bodyTimeout: 0, pipelining: 1, allowH2: false } as const;
  const proxy = {
    httpProxy: env.http_proxy || env.HTTP_PROXY || undefined,
    httpsProxy: env.https_proxy || env.HTTPS_PROXY || undefined,
    noProxy: env.no_proxy || env.NO_PROXY || undefined,
  };
  if (proxy.httpProxy || proxy.httpsProxy) {
    // The proxy finds the hosts by itself: their addresses cannot be judged here.
    return new EnvHttpProxyAgent({
      ...common,
      ...Object.fromEntries(Object.entries(proxy).filter(([, value]) => value !== undefined)),
    });
  }
  const lookup = endpoint.isExplicit ? {} : { lookup: publicLookup };
  const connect = { timeout: CONNECT_TIMEOUT_MS, allowH2: false, ...lookup };
  return new Agent({
    ...common,
    connect: memory ? readingInto(memory, connect, buildConnector) : connect,
  });
}

/** Connects as undici does, each socket with memory of ours. */
function readingInto(
  memory: BufferPool,
  options: buildConnector.BuildOptions,
  build: typeof buildConnector,
): buildConnector.connector {
  return (to, connected) => {
    let socket: Socket | undefined;
    const onread = memory.readerOf(() => socket);
    const connect = build({ ...options, onread });
    connect(to, (...[error, opened]) => {
      if (error) return connected(error, null);
      socket = opened;
      connected(null, opened);
    });
  };
}
