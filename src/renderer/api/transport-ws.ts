import { DomainError } from '@shared/errors';
import type { EventFrame, RequestFrame, ResponseFrame } from '@shared/rpc/frames';
import type { Connection, ConnectionState, LoginResult } from './connection';

/** What proves, beside the cookie, that a page is of this origin: cookies go to every port of the machine. */
const KEY_NAME = 'mlx-manager-key';
/** RFC 6455, refused by policy: this login has ended. */
const LOGGED_OUT = 1008;
const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 5000;

interface Pending {
  readonly resolve: (frame: ResponseFrame) => void;
  readonly reject: (error: DomainError) => void;
}

/** What was sent may have been done or not. */
function disconnected(): DomainError {
  return new DomainError('disconnected', 'Lost connection to MLX Manager.');
}

function notConnected(): DomainError {
  return new DomainError('disconnected', 'Not connected to MLX Manager, so nothing was changed.');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** The manager is the only one that writes to this socket; its outputs are checked at its end. */
function isEventFrame(frame: unknown): frame is EventFrame {
  return isRecord(frame) && typeof frame.topic === 'string' && typeof frame.seq === 'number';
}

function isResponseFrame(frame: unknown): frame is ResponseFrame {
  return isRecord(frame) && typeof frame.id === 'number' && typeof frame.ok === 'boolean';
}

/** The manager's own sentence, e.g. how long to wait after too many wrong tokens. */
async function refusalSentence(answer: Response): Promise<string> {
  const body: unknown = await answer.json().catch(() => undefined);
  const error = isRecord(body) ? body.error : undefined;
  if (isRecord(error) && typeof error.message === 'string') return error.message;
  return "That token isn't right.";
}

const loginKey = (): string => localStorage.getItem(KEY_NAME) ?? 'none';

/** A WebSocket that reconnects by itself. While it is not open a request is refused at once: none is sent later. */
export class WebSocketConnection implements Connection {
  readonly #base: URL;
  readonly #events = new Set<(frame: EventFrame) => void>();
  readonly #states = new Set<(state: ConnectionState) => void>();
  readonly #pending = new Map<number, Pending>();
  #socket: WebSocket | undefined;
  #state: ConnectionState = 'connecting';
  #retryMs = FIRST_RETRY_MS;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(base: URL) {
    this.#base = base;
  }

  open(): void {
    window.addEventListener('online', this.#retryNow);
    document.addEventListener('visibilitychange', this.#retryNow);
    void this.#connect();
  }

  get state(): ConnectionState {
    return this.#state;
  }

  onState(listener: (state: ConnectionState) => void): () => void {
    this.#states.add(listener);
    return () => this.#states.delete(listener);
  }

  onEvent(listener: (frame: EventFrame) => void): () => void {
    this.#events.add(listener);
    return () => this.#events.delete(listener);
  }

  send(frame: RequestFrame): Promise<ResponseFrame> {
    const socket = this.#socket;
    // A socket that is about to close takes what is sent and drops it in silence.
    if (this.#state !== 'open' || socket?.readyState !== WebSocket.OPEN) {
      return Promise.reject(notConnected());
    }
    return new Promise((resolve, reject) => {
      this.#pending.set(frame.id, { resolve, reject });
      socket.send(JSON.stringify(frame));
    });
  }

  async login(token: string): Promise<LoginResult> {
    const answer = await this.#post('login', { token }).catch(() => undefined);
    if (!answer)
      return { accepted: false, message: "MLX Manager isn't responding. Make sure it's running." };
    if (answer.ok) {
      const body: unknown = await answer.json().catch(() => undefined);
      if (isRecord(body) && typeof body.key === 'string') localStorage.setItem(KEY_NAME, body.key);
      if (this.#state === 'unauthorised') this.#retryNow();
      return { accepted: true };
    }
    return { accepted: false, message: await refusalSentence(answer) };
  }

  async logout(everywhere: boolean): Promise<void> {
    const answer = await this.#post('logout', { everywhere }).catch(() => undefined);
    if (!answer) throw notConnected();
    // The login may have ended already, from elsewhere.
    if (!answer.ok && answer.status !== 401) {
      throw new DomainError('internal', await refusalSentence(answer));
    }
    localStorage.removeItem(KEY_NAME);
    this.#endLogin();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#retryTimer);
    window.removeEventListener('online', this.#retryNow);
    document.removeEventListener('visibilitychange', this.#retryNow);
    this.#socket?.close();
    this.#rejectAll();
  }

  #post(path: string, body: unknown): Promise<Response> {
    return fetch(new URL(path, this.#base), {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'X-MLX-Manager-Key': loginKey() },
      body: JSON.stringify(body),
    });
  }

  async #connect(): Promise<void> {
    const authenticated = await this.#isAuthenticated();
    if (this.#closed) return;
    if (authenticated === false) return this.#setState('unauthorised');
    if (authenticated === undefined) return this.#retryLater();
    const url = new URL('ws', this.#base);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    const socket = new WebSocket(url, ['mlx-manager', `key.${loginKey()}`]);
    this.#socket = socket;
    socket.addEventListener('open', () => this.#handleOpen());
    socket.addEventListener('message', (event) => this.#handleMessage(event.data));
    // A refused or lost socket always ends with `close`; `error` says nothing more.
    socket.addEventListener('close', ({ code }) => this.#handleClose(socket, code));
  }

  /** Undefined when the manager does not answer at all. */
  async #isAuthenticated(): Promise<boolean | undefined> {
    try {
      const response = await fetch(new URL('session', this.#base), {
        cache: 'no-store',
        headers: { 'X-MLX-Manager-Key': loginKey() },
      });
      if (response.status === 401) return false;
      const body: unknown = await response.json();
      return isRecord(body) && body.authenticated === true;
    } catch {
      return undefined;
    }
  }

  #handleOpen(): void {
    this.#retryMs = FIRST_RETRY_MS;
    this.#setState('open');
  }

  #handleMessage(data: unknown): void {
    const frame: unknown = JSON.parse(String(data));
    if (isEventFrame(frame)) {
      for (const listener of this.#events) listener(frame);
    } else if (isResponseFrame(frame)) {
      this.#pending.get(frame.id)?.resolve(frame);
      this.#pending.delete(frame.id);
    }
  }

  #handleClose(socket: WebSocket, code: number): void {
    if (socket !== this.#socket) return;
    if (code === LOGGED_OUT) {
      this.#endLogin();
      return;
    }
    this.#socket = undefined;
    if (this.#state === 'open') this.#rejectAll();
    this.#retryLater();
  }

  /** To the login page, at once: there is nothing to connect to again. */
  #endLogin(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
    clearTimeout(this.#retryTimer);
    this.#rejectAll();
    this.#setState('unauthorised');
  }

  #rejectAll(): void {
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const { reject } of pending) reject(disconnected());
  }

  #retryLater(): void {
    if (this.#closed) return;
    this.#setState('lost');
    clearTimeout(this.#retryTimer);
    this.#retryTimer = setTimeout(() => void this.#connect(), this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, LAST_RETRY_MS);
  }

  readonly #retryNow = (): void => {
    if (this.#socket || this.#closed || this.#state === 'connecting') return;
    if (document.visibilityState === 'hidden') return;
    clearTimeout(this.#retryTimer);
    this.#retryMs = FIRST_RETRY_MS;
    this.#setState('connecting');
    void this.#connect();
  };

  #setState(state: ConnectionState): void {
    if (state === this.#state) return;
    this.#state = state;
    for (const listener of this.#states) listener(state);
  }
}
