import net from 'node:net';
import { dirname } from 'node:path';

import { DomainError } from '@shared/errors';
import type { EventFrame, RequestFrame, ResponseFrame } from '@shared/rpc/frames';
import type { Transport } from '@shared/rpc/transport';
import { LineFrames } from './line-frames';
import { notAFolder } from './paths';

/** Answers are larger than requests may be: a page of log lines, a whole snapshot. */
const MAX_ANSWER_BYTES = 256 * 1024 * 1024;

interface Waiting {
  readonly resolve: (frame: ResponseFrame) => void;
  readonly reject: (error: Error) => void;
}

/** The manager ended while something waited for it. */
export function managerGone(): DomainError {
  return new DomainError('not_running', 'The manager quit before it answered.');
}

/** The connection of a command to the running manager. */
export class SocketTransport implements Transport {
  /** Rejects when the connection ends, for whatever reason; never resolves. */
  readonly lost: Promise<never>;
  readonly #socket: net.Socket;
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners = new Set<(frame: EventFrame) => void>();

  constructor(socket: net.Socket) {
    this.#socket = socket;
    const frames = new LineFrames(MAX_ANSWER_BYTES);
    socket.on('data', (chunk) => {
      for (const line of frames.push(chunk)) this.#receive(JSON.parse(line));
    });
    // An error is always followed by `close`, where everything that waits is told.
    socket.on('error', () => undefined);
    this.lost = new Promise<never>((_, reject) => {
      socket.once('close', () => {
        reject(managerGone());
        for (const waiting of this.#waiting.values()) waiting.reject(managerGone());
        this.#waiting.clear();
      });
    });
    // Nobody may be waiting when a finished command closes the connection.
    this.lost.catch(() => undefined);
  }

  send(frame: RequestFrame): Promise<ResponseFrame> {
    if (!this.#socket.writable) return Promise.reject(managerGone());
    return new Promise((resolve, reject) => {
      this.#waiting.set(frame.id, { resolve, reject });
      this.#socket.write(`${JSON.stringify(frame)}\n`);
    });
  }

  onEvent(listener: (frame: EventFrame) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(frame: ResponseFrame | EventFrame): void {
    if ('topic' in frame) {
      for (const listener of this.#listeners) listener(frame);
      return;
    }
    this.#waiting.get(frame.id)?.resolve(frame);
    this.#waiting.delete(frame.id);
  }
}

/** Connects to the manager's socket, or gives undefined when nobody listens there. */
export function connectSocket(path: string): Promise<SocketTransport | undefined> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(path);
    socket.once('connect', () => {
      socket.removeAllListeners('error');
      resolve(new SocketTransport(socket));
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED') resolve(undefined);
      else reject(error.code === 'ENOTDIR' ? notAFolder(dirname(path)) : error);
    });
  });
}
