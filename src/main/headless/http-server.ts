import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

import type { Logger } from '@core/ports';
import { Background } from '@core/ports/background';
import { systemClock } from '@core/ports/clock';
import { Deadline } from '@core/ports/deadline';
import type { Processes } from '@core/ports/processes';
import { findPortHolder } from '@core/processes/port-holder';
import { DomainError } from '@shared/errors';
import { MAX_FRAME_BYTES } from '@shared/rpc/frames';
import {
  allowedHosts,
  bearerToken,
  cookieOf,
  loginKey,
  type Refusal,
  refuseForeign,
} from './access';
import { type Endpoint, REMOTE_SCOPES } from '@host/endpoint';
import { type HttpLimits, LIMITS } from './http-limits';
import { readBody, sendJson, writeRawRefusal } from './http-message';
import { parseFrame } from '@host/local-socket';
import { isEverywhere, type Logins, tokenIn } from './login';
import { securityHeaders } from '@host/security-headers';
import { findStaticFile, sendStaticFile } from '@host/static-files';
import { WebSocketTransport } from './ws-transport';

const MAX_LOGIN_BYTES = 4096;

/** How long a close waits for answers that nobody can read any more. */
const CLOSE_GRACE_MS = 500;

interface HttpServerOptions {
  /** An IP address of this machine alone. */
  readonly host: string;
  readonly port: number;
  readonly version: string;
  readonly rendererFolder: string;
  readonly endpoint: Endpoint;
  readonly logins: Logins;
  readonly logger: Logger;
  /** Tells who holds a port that cannot be had. */
  readonly processes: Processes;
  readonly limits?: Partial<HttpLimits>;
}

/** The screens, the login, one-frame requests and the WebSocket: everything a browser reaches. */
export class HttpServer {
  readonly #options: HttpServerOptions;
  readonly #server: http.Server;
  readonly #views: WebSocketTransport;
  readonly #answers: Background;
  #hosts: ReadonlySet<string> = new Set();
  #port = 0;
  #isOpen = false;

  constructor(options: HttpServerOptions) {
    this.#options = options;
    this.#views = new WebSocketTransport(options);
    this.#server = createLimitedServer({ ...LIMITS, ...options.limits });
    this.#answers = new Background(options.logger);
    this.#server.on('request', (request, response) =>
      this.#answers.run('an HTTP request', () => this.#handle(request, response)),
    );
    this.#server.on('checkExpectation', (_, response: ServerResponse) => {
      refuse(response, { status: 417, message: 'Expect is not supported.' });
    });
    this.#server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    this.#server.on('connect', (_, socket) =>
      writeRawRefusal(socket, { status: 405, message: 'CONNECT is not supported.' }),
    );
    this.#server.on('clientError', (error, socket) => answerBrokenRequest(error, socket));
  }

  /** `http://127.0.0.1:6591`, once it listens. */
  get url(): string {
    const { host } = this.#options;
    return `http://${host.includes(':') ? `[${host}]` : host}:${this.#port}`;
  }

  /** Rejects with `port_in_use`, naming who holds the port. */
  async listen(): Promise<void> {
    const { host, port } = this.#options;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ host, port, exclusive: true }, () => {
        this.#server.off('error', reject);
        resolve();
      });
    }).catch(async (error: NodeJS.ErrnoException) => {
      throw await listenError(error, this.#options);
    });
    this.#port = (this.#server.address() as AddressInfo).port;
    this.#hosts = allowedHosts(this.#port);
    this.#server.on('error', (error) =>
      this.#options.logger.error('the HTTP server failed', { error: error.message }),
    );
  }

  /** From now on requests are answered; until then the port is only held. */
  open(): void {
    this.#isOpen = true;
  }

  async close(): Promise<void> {
    this.#isOpen = false;
    if (!this.#server.listening) return;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    await this.#views.close();
    this.#server.closeAllConnections();
    await closed;
    await this.#answers.stop(Deadline.in(systemClock, CLOSE_GRACE_MS));
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      // Known before the checks, since it decides nothing but a header of the policy.
      response.setHeaders(headersFor(request, this.#hosts));
      await this.#route(request, response);
    } catch (error) {
      if (response.destroyed) return; // the client left
      this.#options.logger.error('a request failed unexpectedly', { error: describe(error) });
      if (response.headersSent) response.destroy();
      else refuse(response, { status: 500, message: 'Something went wrong in MLX Manager.' });
    }
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = pathOf(request);
    if (path === undefined) return refuse(response, { status: 400, message: 'Bad address.' });
    const reading = request.method === 'GET' || request.method === 'HEAD';
    const isStatic = reading && path !== '/session';
    const refusal = refuseForeign(request, this.#hosts, isStatic);
    if (refusal) return refuse(response, refusal);
    if (!this.#isOpen) return refuse(response, NOT_OPEN);
    if (path === '/session' && reading) return this.#session(request, response);
    if (path === '/login')
      return this.#post(request, response, () => this.#login(request, response));
    if (path === '/logout')
      return this.#post(request, response, () => this.#logout(request, response));
    if (path === '/rpc') return this.#post(request, response, () => this.#rpc(request, response));
    if (path === '/ws') return refuse(response, { status: 426, message: 'This is a WebSocket.' });
    if (!reading) return refuseMethod(response, 'GET, HEAD');
    return this.#static(request, response, path);
  }

  async #static(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    const file = await findStaticFile(this.#options.rendererFolder, path);
    if (!file) return refuse(response, NOTHING);
    await sendStaticFile(request, response, file);
  }

  /** State changes are POST with a JSON type: a form on another page can send neither. */
  async #post(
    request: IncomingMessage,
    response: ServerResponse,
    handle: () => Promise<void>,
  ): Promise<void> {
    if (request.method !== 'POST') return refuseMethod(response, 'POST');
    const type = request.headers['content-type'] ?? '';
    if (!/^application\/json\s*(?:;|$)/i.test(type)) {
      return refuse(response, { status: 415, message: 'The body must be application/json.' });
    }
    await handle();
  }

  #session(request: IncomingMessage, response: ServerResponse): void {
    sendJson(response, 200, {
      authenticated: this.#loginOf(request) !== undefined || this.#hasToken(request),
      version: this.#options.version,
    });
  }

  async #login(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request, MAX_LOGIN_BYTES);
    if (body === undefined) return refuse(response, TOO_LARGE);
    const token = tokenIn(parseFrame(body));
    if (token === undefined) {
      return refuse(response, { status: 400, message: 'The body must be {"token": "..."}.' });
    }
    const result = await this.#options.logins.login(token);
    if (result.ok) {
      response.setHeader('Set-Cookie', this.#cookie(result.cookie, result.maxAgeSeconds));
      const { version } = this.#options;
      return sendJson(response, 200, { authenticated: true, version, key: result.key });
    }
    if (result.retryAfterSeconds === undefined) return refuse(response, WRONG_TOKEN);
    response.setHeader('Retry-After', result.retryAfterSeconds);
    refuse(response, {
      status: 429,
      message: `Too many wrong tokens. Try again in ${result.retryAfterSeconds} s.`,
    });
  }

  async #logout(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request, MAX_LOGIN_BYTES);
    if (body === undefined) return refuse(response, TOO_LARGE);
    const login = this.#loginOf(request);
    if (isEverywhere(parseFrame(body))) {
      if (login === undefined && !this.#hasToken(request)) return refuse(response, WRONG_TOKEN);
      const ended = await this.#options.logins.logoutEverywhere();
      this.#views.endLogins();
      return sendJson(response, 200, { ended });
    }
    if (login !== undefined) {
      await this.#options.logins.logout(login);
      this.#views.endLogin(login);
    }
    response.setHeader('Set-Cookie', this.#cookie('', 0));
    sendJson(response, 200, { authenticated: false, version: this.#options.version });
  }

  async #rpc(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!this.#hasToken(request)) {
      response.setHeader('WWW-Authenticate', 'Bearer');
      return refuse(response, WRONG_TOKEN);
    }
    const body = await readBody(request, MAX_FRAME_BYTES);
    if (body === undefined) return refuse(response, TOO_LARGE);
    // Events have nowhere to go here; what follows them uses the WebSocket.
    const session = this.#options.endpoint.connect(
      { send: () => undefined, backlog: () => 0 },
      REMOTE_SCOPES,
    );
    try {
      sendJson(response, 200, await this.#options.endpoint.dispatch(parseFrame(body), session));
    } finally {
      session.close();
    }
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const login = this.#loginOf(request);
    const refusal = this.#refuseUpgrade(request, login);
    if (refusal) writeRawRefusal(socket, refusal);
    else this.#views.upgrade(request, socket, head, login);
  }

  #refuseUpgrade(request: IncomingMessage, login: string | undefined): Refusal | undefined {
    const foreign = refuseForeign(request, this.#hosts, false);
    if (foreign) return foreign;
    if (!this.#isOpen) return NOT_OPEN;
    if (pathOf(request) !== '/ws') return NOTHING;
    if (login === undefined && !this.#hasToken(request)) return WRONG_TOKEN;
    if (this.#views.isFull) return { status: 503, message: 'Too many views are open.' };
    return undefined;
  }

  #hasToken(request: IncomingMessage): boolean {
    const token = bearerToken(request);
    return token !== undefined && this.#options.logins.isToken(token);
  }

  /** The valid login cookie of the request; its key must come with it. */
  #loginOf(request: IncomingMessage): string | undefined {
    const cookie = cookieOf(request, this.#cookieName);
    const key = loginKey(request);
    if (cookie === undefined || key === undefined) return undefined;
    return this.#options.logins.isLoggedIn(cookie, key) ? cookie : undefined;
  }

  /** Cookies are shared between the ports of a host, so that each manager has its own name. */
  get #cookieName(): string {
    return `mlx-manager-${this.#port}`;
  }

  #cookie(value: string, maxAge: number): string {
    return `${this.#cookieName}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${maxAge}`;
  }
}

const WRONG_TOKEN: Refusal = { status: 401, message: "That token isn't right." };
const NOTHING: Refusal = { status: 404, message: 'Nothing is at this address.' };
const NOT_OPEN: Refusal = { status: 503, message: 'The manager is starting or quitting.' };
const TOO_LARGE: Refusal = { status: 413, message: 'The body is too large.' };

function createLimitedServer(limits: HttpLimits): http.Server {
  const server = http.createServer({
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    connectionsCheckingInterval: Math.min(1000, limits.headersMs),
    keepAliveTimeout: 5000,
    // Answered by our own Host check, with our own headers.
    requireHostHeader: false,
    insecureHTTPParser: false,
  });
  server.maxConnections = limits.connections;
  server.maxRequestsPerSocket = limits.requestsPerConnection;
  return server;
}

function headersFor(request: IncomingMessage, hosts: ReadonlySet<string>): Map<string, string> {
  const host = request.headers.host?.toLowerCase();
  const known = host !== undefined && hosts.has(host) ? host : undefined;
  return new Map(
    Object.entries(securityHeaders(known)).map(([name, value]) => [name, String(value)]),
  );
}

/** The path without the query; undefined for the absolute form, which only a proxy takes. */
function pathOf(request: IncomingMessage): string | undefined {
  const { url } = request;
  return url?.startsWith('/') ? url.split('?', 1)[0] : undefined;
}

function refuse(response: ServerResponse, refusal: Refusal): void {
  // What is left of a refused request's body is not read.
  response.setHeader('Connection', 'close');
  sendJson(response, refusal.status, { error: { message: refusal.message } });
}

function refuseMethod(response: ServerResponse, allowed: string): void {
  response.setHeader('Allow', allowed);
  refuse(response, { status: 405, message: `Only ${allowed} is allowed here.` });
}

function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    writeRawRefusal(socket, { status: 408, message: 'The request took too long.' });
  } else if (error.code === 'HPE_HEADER_OVERFLOW') {
    writeRawRefusal(socket, { status: 431, message: 'The headers are too large.' });
  } else {
    writeRawRefusal(socket, { status: 400, message: 'The request is malformed.' });
  }
}

async function listenError(
  error: NodeJS.ErrnoException,
  { host, port, processes }: HttpServerOptions,
): Promise<Error> {
  const denied = `You don't have permission to use port ${port}. Choose another with --port.`;
  if (error.code === 'EACCES') return new DomainError('permission', denied);
  if (error.code !== 'EADDRINUSE') return error;
  const owner = await findPortHolder(processes, host, port);
  const holder = owner ? `${owner.command} (pid ${owner.pid})` : 'another program';
  return new DomainError(
    'port_in_use',
    `Port ${port} is in use by ${holder}. Choose another with --port.`,
    { data: { port, ...(owner && { pid: owner.pid, command: owner.command }) } },
  );
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
