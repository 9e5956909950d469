import type { FromDataPlane, ToDataPlane } from '@shared/gateway/plane';
import { TokenCounter } from './context/counter';
import { Desk } from './forward/desk';
import { Upstreams } from './forward/upstream';
import { Listeners } from './listeners';
import { Recorder } from './forward/recorder';
import { Requests } from './requests';

export interface DataPlaneOptions {
  readonly post: (message: FromDataPlane) => void;
  /** What is told at `/` and in lists. */
  readonly version: string;
  /** The text of the thread that counts tokens, where the program is one file. */
  readonly counterText?: string | undefined;
}

/** The gateway's data plane: everything that touches a byte of a request, with no part of the core in it. */
export class DataPlane {
  readonly #post: (message: FromDataPlane) => void;
  readonly #desk: Desk;
  readonly #upstreams = new Upstreams();
  readonly #recorder: Recorder;
  readonly #counter: TokenCounter;
  readonly #requests: Requests;
  readonly #listeners: Listeners;

  constructor({ post, version, counterText }: DataPlaneOptions) {
    this.#post = post;
    this.#desk = new Desk(post);
    this.#recorder = new Recorder((records) => post({ type: 'records', records }));
    this.#counter = new TokenCounter({ threadText: counterText });
    this.#requests = new Requests({
      version,
      counter: this.#counter,
      desk: this.#desk,
      upstreams: this.#upstreams,
      recorder: this.#recorder,
      log: (level, message, data) => post({ type: 'log', level, message, ...(data && { data }) }),
    });
    this.#listeners = new Listeners({
      handle: (request, response) => this.#requests.handle(request, response),
      post,
    });
  }

  /** Resolves when the message is carried out. */
  async take(message: ToDataPlane): Promise<void> {
    this.#desk.take(message);
    if (message.type === 'listen') await this.#listeners.listen(message.listening);
    if (message.type === 'close') await this.#close(message.withinMs);
  }

  async #close(withinMs: number): Promise<void> {
    await this.#listeners.close(withinMs);
    await Promise.all([this.#upstreams.close(), this.#counter.close()]);
    this.#recorder.flush();
    this.#post({ type: 'closed' });
  }
}
