import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

import { WebSocket, WebSocketServer } from 'ws';

import type { Logger } from '@core/ports';
import { Background } from '@core/ports/background';
import { systemClock } from '@core/ports/clock';
import { Deadline } from '@core/ports/deadline';
import { type EventFrame, MAX_FRAME_BYTES, type ResponseFrame } from '@shared/rpc/frames';
import { type Endpoint, REMOTE_SCOPES } from '@host/endpoint';
import { parseFrame } from '@host/local-socket';
import { RequestFlow } from '@host/request-flow';

/** Views open at once; a browser tab is one. */
const MAX_CONNECTIONS = 64;
/** A reader further behind than this is cut off: its answers would be held in memory. */
const MAX_UNREAD_BYTES = 64 * 1024 * 1024;
/** A view that does not answer for one round is gone (a laptop that went to sleep). */
const PING_INTERVAL_MS = 30_000;
/** How long a closing view has to say goodbye. */
const CLOSE_GRACE_MS = 500;
/** RFC 6455: the endpoint is going away. */
const GOING_AWAY = 1001;
/** RFC 6455: refused by policy; here: logged out. */
const POLICY = 1008;

interface View {
  /** The cookie it came in with; undefined for a program with the token. */
  readonly login: string | undefined;
  answered: boolean;
}

/** The frames over WebSocket. Who may connect was decided before the upgrade. */
export class WebSocketTransport {
  readonly #endpoint: Endpoint;
  readonly #logger: Logger;
  readonly #server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_FRAME_BYTES,
    perMessageDeflate: false,
    clientTracking: false,
  });
  readonly #views = new Map<WebSocket, View>();
  readonly #answers: Background;
  readonly #pings: NodeJS.Timeout;

  constructor(options: { endpoint: Endpoint; logger: Logger }) {
    this.#endpoint = options.endpoint;
    this.#logger = options.logger;
    this.#answers = new Background(options.logger);
    this.#pings = setInterval(() => this.#ping(), PING_INTERVAL_MS);
    this.#pings.unref();
  }

  get isFull(): boolean {
    return this.#views.size >= MAX_CONNECTIONS;
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, login: string | undefined): void {
    this.#server.handleUpgrade(request, socket, head, (view) => this.#accept(view, login));
  }

  /** Ends the views of one login. */
  endLogin(login: string): void {
    for (const [socket, view] of this.#views) {
      if (view.login === login) socket.close(POLICY, 'Logged out');
    }
  }

  /** Ends the views of every login; programs with the token go on. */
  endLogins(): void {
    for (const [socket, { login }] of this.#views) {
      if (login !== undefined) socket.close(POLICY, 'Logged out');
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#pings);
    const views = [...this.#views.keys()];
    const closed = views.map((view) => new Promise((resolve) => view.once('close', resolve)));
    for (const view of views) view.close(GOING_AWAY, 'The manager is quitting');
    const cut = setTimeout(() => {
      for (const view of views) view.terminate();
    }, CLOSE_GRACE_MS);
    await Promise.all(closed);
    clearTimeout(cut);
    this.#server.close();
    await this.#answers.stop(Deadline.in(systemClock, CLOSE_GRACE_MS));
  }

  #accept(socket: WebSocket, login: string | undefined): void {
    const view: View = { login, answered: true };
    this.#views.set(socket, view);
    const flow = new RequestFlow({
      pause: () => socket.pause(),
      resume: () => socket.resume(),
      unread: () => socket.bufferedAmount,
      run: (work) => this.#answers.run('a request of a view', work),
    });
    const goOn = (): void => flow.goOn();
    const session = this.#endpoint.connect(
      { send: (frame) => write(socket, frame, goOn), backlog: () => socket.bufferedAmount },
      REMOTE_SCOPES,
    );
    socket.on('pong', () => {
      view.answered = true;
    });
    socket.on('message', (data, isBinary) => {
      flow.take(async () => {
        const raw = isBinary ? undefined : parseFrame(data.toString());
        write(socket, await this.#endpoint.dispatch(raw, session), goOn);
      });
    });
    // ws closes by itself after an error (1009 for a frame over the limit).
    socket.on('error', (error) => this.#logger.debug('a view broke off', { error: error.message }));
    socket.once('close', () => {
      this.#views.delete(socket);
      flow.end();
      session.close();
    });
  }

  #ping(): void {
    for (const [socket, view] of this.#views) {
      if (!view.answered) socket.terminate();
      view.answered = false;
      if (socket.readyState === WebSocket.OPEN) socket.ping();
    }
  }
}

function write(socket: WebSocket, frame: ResponseFrame | EventFrame, onTaken?: () => void): void {
  if (socket.readyState !== WebSocket.OPEN) return;
  if (socket.bufferedAmount > MAX_UNREAD_BYTES) socket.terminate();
  else socket.send(JSON.stringify(frame), onTaken);
}
