import { lstat, unlink } from 'node:fs/promises';
import net from 'node:net';
import { userInfo } from 'node:os';

import type { Logger } from '@core/ports';
import { Background } from '@core/ports/background';
import { sleep, systemClock } from '@core/ports/clock';
import { Deadline } from '@core/ports/deadline';
import type { Session, SessionSink } from '@core/rpc/session';
import { DomainError } from '@shared/errors';
import { type EventFrame, MAX_FRAME_BYTES, type ResponseFrame } from '@shared/rpc/frames';
import { type Endpoint, LOCAL_SCOPES } from './endpoint';
import { FrameTooLarge, LineFrames } from './line-frames';
import { prepareSocketFolder } from './paths';
import { RequestFlow } from './request-flow';

/** A reader further behind than this is cut off: its answers would be held in memory. */
const MAX_UNREAD_BYTES = 64 * 1024 * 1024;

/** How long a close waits for answers that are being read. */
const CLOSE_GRACE_MS = 500;

/**
 * How often it is looked whether the socket's file is still there, ms: systems clear their temporary folders of what
 * is old, and people theirs. A command waits longer than this for a manager that has the data folder.
 */
const LOOK_MS = 2000;

/** The way in for the command line: one JSON frame a line, on a socket that only this user can open. */
export class LocalSocketServer {
  readonly #path: string;
  readonly #endpoint: Endpoint;
  readonly #logger: Logger;
  readonly #keeper: Background;
  readonly #answers: Background;
  readonly #connections = new Set<net.Socket>();
  #server: net.Server | undefined;

  constructor(options: { path: string; endpoint: Endpoint; logger: Logger }) {
    this.#path = options.path;
    this.#endpoint = options.endpoint;
    this.#logger = options.logger;
    this.#keeper = new Background(options.logger);
    this.#answers = new Background(options.logger);
  }

  /** Rejects with `already_running` when somebody answers there. */
  async listen(): Promise<void> {
    await this.#open();
    this.#keeper.run('keep the local socket', (signal) => this.#keep(signal));
  }

  /** Ends every connection; removes the socket's file. */
  async close(): Promise<void> {
    await this.#keeper.stop(Deadline.in(systemClock, CLOSE_GRACE_MS));
    const closed = new Promise<void>((resolve) => {
      if (this.#server) this.#server.close(() => resolve());
      else resolve();
    });
    for (const socket of this.#connections) socket.end();
    const cut = setTimeout(() => {
      for (const socket of this.#connections) socket.destroy();
    }, CLOSE_GRACE_MS);
    await closed;
    clearTimeout(cut);
    await this.#answers.stop(Deadline.in(systemClock, CLOSE_GRACE_MS));
  }

  async #open(): Promise<void> {
    await prepareSocketFolder(this.#path);
    await removeStaleSocket(this.#path);
    const server = net.createServer((socket) => this.#accept(socket));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      // bind happens inside this call, so the file never exists with wider rights.
      const before = process.umask(0o177);
      try {
        server.listen(this.#path, () => {
          server.off('error', reject);
          resolve();
        });
      } finally {
        process.umask(before);
      }
    });
    server.on('error', (error) =>
      this.#logger.error('the local socket failed', { error: error.message }),
    );
    this.#server = server;
  }

  /** Makes the socket again when its file was removed: without it nobody finds the way in. */
  async #keep(signal: AbortSignal): Promise<void> {
    let said = '';
    for (;;) {
      await sleep(systemClock, LOOK_MS, signal);
      if (signal.aborted) return;
      if (await exists(this.#path)) continue;
      try {
        // Now, while there is no file: closing removes whatever has the name. Connections go on.
        this.#server?.close();
        this.#server = undefined;
        await this.#open();
        this.#logger.warn('The local socket was removed, and is made again', { path: this.#path });
        said = '';
      } catch (error) {
        const why = String(error);
        if (why !== said) this.#logger.error('The local socket cannot be made again', { why });
        said = why;
      }
    }
  }

  #accept(socket: net.Socket): void {
    this.#connections.add(socket);
    const frames = new LineFrames(MAX_FRAME_BYTES);
    const session = this.#endpoint.connect(sinkOf(socket), LOCAL_SCOPES);
    const flow = new RequestFlow({
      pause: () => socket.pause(),
      resume: () => socket.resume(),
      unread: () => socket.writableLength,
      run: (work) => this.#answers.run('a request of a command', work),
    });
    socket.on('drain', () => flow.goOn());
    socket.on('data', (chunk) => {
      try {
        for (const line of frames.push(chunk)) {
          flow.take(() => this.#answer(socket, session, line));
        }
      } catch (error) {
        if (!(error instanceof FrameTooLarge)) throw error;
        write(socket, tooLarge());
        socket.destroySoon();
      }
    });
    socket.on('error', (error) =>
      this.#logger.debug('a local connection broke', { error: error.message }),
    );
    socket.once('close', () => {
      this.#connections.delete(socket);
      flow.end();
      session.close();
    });
  }

  async #answer(socket: net.Socket, session: Session, line: string): Promise<void> {
    write(socket, await this.#endpoint.dispatch(parseFrame(line), session));
  }
}

/** The parsed text, or undefined (which the router refuses as a malformed frame). */
export function parseFrame(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function sinkOf(socket: net.Socket): SessionSink {
  return {
    send: (frame) => write(socket, frame),
    backlog: () => socket.writableLength,
  };
}

function write(socket: net.Socket, frame: ResponseFrame | EventFrame): void {
  if (!socket.writable) return;
  if (socket.writableLength > MAX_UNREAD_BYTES) socket.destroy();
  else socket.write(`${JSON.stringify(frame)}\n`);
}

function tooLarge(): ResponseFrame {
  const message = `A frame has at most ${MAX_FRAME_BYTES} bytes.`;
  return { id: 0, ok: false, error: { code: 'bad_frame', message } };
}

/** Whether anything has this name; also where that cannot be told. */
async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code !== 'ENOENT' && code !== 'ENOTDIR';
  }
}

/** Removes the file of a manager that died; never one that answers, never anything but an own socket. */
async function removeStaleSocket(path: string): Promise<void> {
  const info = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (info === undefined) return;
  if (!info.isSocket() || info.uid !== userInfo().uid) {
    throw new DomainError(
      'permission',
      `${path} exists and isn't a socket that belongs to you. Remove it and try again.`,
    );
  }
  if (await answers(path)) {
    throw new DomainError('already_running', `MLX Manager is already listening on ${path}.`);
  }
  await unlink(path);
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED' || error.code === 'ENOENT') resolve(false);
      else reject(error);
    });
  });
}
