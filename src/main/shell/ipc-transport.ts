import type { Logger } from '@core/ports';
import type { Session } from '@core/rpc/session';
import type { Endpoint } from '@host/endpoint';
import type { Scope } from '@shared/contract/define';
import type { ErrorCode } from '@shared/errors';
import type { ResponseFrame } from '@shared/rpc/frames';
import { type IpcMainEvent, type IpcMainInvokeEvent, ipcMain, type WebContents } from 'electron';
import { CHANNELS } from './channels';
import { isTrustedSender } from './our-url';
import { PageEvents } from './page-events';
import { PageRequests } from './page-requests';

/** The window may do everything: it is this user's own, on this machine. */
export const DESKTOP_SCOPES: ReadonlySet<Scope> = new Set<Scope>(['any', 'local', 'desktop']);

interface IpcTransportOptions {
  /** The core, once it has started: what a page asks before waits for it. */
  readonly endpoint: Promise<Endpoint>;
  /** Whether these are the contents of a window that we made. */
  readonly isOurWindow: (contents: WebContents) => boolean;
  readonly logger: Logger;
}

/** Carries the contract between the window and the core: one channel to ask, one to be told. */
export class IpcTransport {
  readonly #options: IpcTransportOptions;
  readonly #sessions = new Map<WebContents, Session>();
  readonly #requests = new WeakMap<WebContents, PageRequests>();
  readonly #events = new WeakMap<WebContents, PageEvents>();

  constructor(options: IpcTransportOptions) {
    this.#options = options;
    ipcMain.handle(CHANNELS.request, (event, frame: unknown) => this.#answer(event, frame));
    ipcMain.on(CHANNELS.taken, this.#onTaken);
  }

  close(): void {
    ipcMain.removeHandler(CHANNELS.request);
    ipcMain.off(CHANNELS.taken, this.#onTaken);
    for (const session of this.#sessions.values()) session.close();
    this.#sessions.clear();
  }

  async #answer(event: IpcMainInvokeEvent, frame: unknown): Promise<ResponseFrame> {
    const { sender, senderFrame } = event;
    if (!this.#isTrusted(event)) {
      this.#options.logger.warn('A message from elsewhere was refused', {
        url: senderFrame?.url.slice(0, 200),
      });
      return refused('unauthorised', "This request didn't come from MLX Manager's window.");
    }
    return this.#requestsOf(sender).answer(frame, async () => {
      const endpoint = await this.#options.endpoint;
      if (sender.isDestroyed()) return refused('cancelled', 'The window was closed.');
      return endpoint.dispatch(frame, this.#sessionOf(sender, endpoint));
    });
  }

  readonly #onTaken = (event: IpcMainEvent, seq: unknown): void => {
    if (typeof seq === 'number' && this.#isTrusted(event))
      this.#events.get(event.sender)?.taken(seq);
  };

  #isTrusted({ sender, senderFrame }: IpcMainEvent | IpcMainInvokeEvent): boolean {
    return isTrustedSender({
      url: senderFrame?.url,
      // A frame has no parent only when it is the page itself.
      isMainFrame: senderFrame !== null && senderFrame.parent === null,
      isOurWindow: this.#options.isOurWindow(sender),
    });
  }

  #requestsOf(contents: WebContents): PageRequests {
    const known = this.#requests.get(contents) ?? new PageRequests();
    this.#requests.set(contents, known);
    return known;
  }

  /** One per page: what a page follows ends with it. */
  #sessionOf(contents: WebContents, endpoint: Endpoint): Session {
    const known = this.#sessions.get(contents);
    if (known) return known;
    const events = new PageEvents((frame) => {
      if (!contents.isDestroyed()) contents.send(CHANNELS.event, frame);
    });
    this.#events.set(contents, events);
    const session = endpoint.connect(events, DESKTOP_SCOPES);
    this.#sessions.set(contents, session);
    const end = (): void => {
      if (this.#sessions.get(contents) === session) this.#sessions.delete(contents);
      session.close();
    };
    contents.once('destroyed', end);
    contents.once('render-process-gone', end);
    contents.on('did-start-navigation', (details) => {
      if (details.isMainFrame && !details.isSameDocument) end();
    });
    return session;
  }
}

function refused(code: ErrorCode, message: string): ResponseFrame {
  return { id: 0, ok: false, error: { code, message } };
}
