import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Dialect } from '@shared/gateway/record';
import type { Target } from '@shared/gateway/target';
import { answerRequest } from './answers/answer-request';
import type { Answering } from './answers/asked';
import { type Refusal, RequestRefused } from './conversation/refusal';
import { type Admitted, admit } from './doors/head';
import { visibleTargets } from './doors/keys';
import { UnderWay } from './doors/limits';
import { ClientStream } from './forward/client-stream';
import type { TokenCounter } from './context/counter';
import { ResponseStore, STORE_BOUNDS } from './dialects/responses';
import type { Desk } from './forward/desk';
import { readBody } from './doors/body';
import { Templates } from './engines/templates';
import { Turns } from './forward/turns';
import { PrefixDoctor } from './sessions/prefix-doctor';
import type { Upstreams } from './forward/upstream';
import { modelList, modelRecord } from './names/model-list';
import { findTarget, unknownName } from './names/find-target';
import type { Recorder } from './forward/recorder';
import { refuserOf } from './speakers/refusers';

export interface RequestsOptions {
  readonly version: string;
  readonly desk: Desk;
  readonly upstreams: Upstreams;
  readonly recorder: Recorder;
  readonly counter: TokenCounter;
  readonly log: (
    level: 'info' | 'warn' | 'error',
    message: string,
    data?: Readonly<Record<string, unknown>>,
  ) => void;
}

/** Every request from its head to its end. */
export class Requests {
  readonly #options: RequestsOptions;
  readonly #underWay = new UnderWay();
  readonly #answering: Answering;

  constructor(options: RequestsOptions) {
    this.#options = options;
    this.#answering = {
      ...options,
      templates: new Templates(),
      turns: new Turns(),
      doctor: new PrefixDoctor(),
      responses: new ResponseStore(STORE_BOUNDS, Date.now),
    };
  }

  /** Zero when nothing is left. */
  get underWay(): number {
    return this.#underWay.requests;
  }

  /** Never throws: a defect at the head of one request must not end those of others with the thread. */
  handle(request: IncomingMessage, response: ServerResponse): void {
    const client = new ClientStream(response);
    try {
      this.#take(request, response, client);
    } catch (error) {
      this.#defect('openai', 'head', client, error);
    }
  }

  #take(request: IncomingMessage, response: ServerResponse, client: ClientStream): void {
    const { localPort = 0, localAddress, remoteAddress } = request.socket;
    const { method = '', url = '', rawHeaders } = request;
    const admission = admit(
      { method, url, rawHeaders },
      { localPort, localAddress, remoteAddress },
      this.#options.desk.directory.doors,
      Date.now(),
    );
    for (const [name, value] of Object.entries<string>(admission.answerHeaders)) {
      response.setHeader(name, value);
    }
    if (admission.kind === 'preflight') {
      client.begin(204, {});
      client.end();
      return;
    }
    if (admission.kind === 'refused') {
      if (admission.closes) response.setHeader('connection', 'close');
      // What follows is read for nothing, so that the connection can be used again.
      else request.resume();
      refuse(client, admission.dialect, admission.refusal, admission.closes);
      return;
    }
    const isHead = method === 'HEAD';
    this.#admitted(admission, request, response, client, isHead).catch((error: unknown) => {
      // Of a body that was not read nobody knows where the next request begins.
      const isUnread = !request.complete;
      if (isUnread && !client.hasBegun) response.setHeader('connection', 'close');
      this.#failed(admission, client, error, isUnread);
    });
  }

  async #admitted(
    admitted: Admitted,
    request: IncomingMessage,
    response: ServerResponse,
    client: ClientStream,
    isHead: boolean,
  ): Promise<void> {
    const { route, key, id } = admitted;
    const targets = visibleTargets(key, this.#options.desk.directory.targets);
    const say = (body: unknown): void => json(client, 200, body, isHead);
    switch (route.name) {
      case 'root':
      case 'health':
      case 'hello':
        request.resume();
        say({ status: 'ok', name: 'MLX Manager', version: this.#options.version });
        return;
      case 'metrics': {
        request.resume();
        const text = await this.#options.desk.metricsText();
        client.begin(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
        client.end(isHead ? '' : text);
        return;
      }
      case 'models':
        request.resume();
        say(modelList(targets));
        return;
      case 'model':
        request.resume();
        say(modelRecord(this.#target(targets, id ?? '')));
        return;
      default:
        await this.#counted(admitted, request, response, client, targets);
    }
  }

  async #counted(
    admitted: Admitted,
    request: IncomingMessage,
    response: ServerResponse,
    client: ClientStream,
    targets: readonly Target[],
  ): Promise<void> {
    const owner = admitted.key?.id ?? request.socket.remoteAddress ?? 'unknown';
    const refusal = this.#underWay.enter(owner);
    if (refusal) {
      request.resume();
      refuse(client, admitted.dialect, refusal);
      return;
    }
    const { method = '', url = '' } = request;
    const query = url.includes('?') ? url.slice(url.indexOf('?')) : '';
    const began = { at: Date.now(), monotonic: performance.now() };
    const asked = { admitted, client, targets, owner, began, method, query };
    try {
      if (!admitted.route.takesBody) {
        request.resume();
        await answerRequest(this.#answering, { ...asked, bytes: undefined });
        return;
      }
      if (admitted.expectsContinue) response.writeContinue();
      const body = await readBody(request, this.#underWay);
      try {
        await answerRequest(this.#answering, { ...asked, bytes: body.bytes });
      } finally {
        body.release();
      }
    } finally {
      this.#underWay.leave(owner);
    }
  }

  #target(targets: readonly Target[], name: string): Target {
    const target = findTarget(targets, name);
    if (target) return target;
    const message = unknownName(targets, name);
    throw new RequestRefused({ status: 404, code: 'model_not_found', message, param: 'model' });
  }

  #failed(
    { dialect, route }: Admitted,
    client: ClientStream,
    error: unknown,
    isUnread: boolean,
  ): void {
    if (client.signal.aborted) return;
    if (error instanceof RequestRefused) {
      refuse(client, dialect, error.refusal, isUnread);
      return;
    }
    this.#defect(dialect, route.name, client, error);
  }

  #defect(dialect: Dialect, route: string, client: ClientStream, error: unknown): void {
    this.#options.log('error', 'A request failed because of a defect', {
      route,
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
    const message = 'Something went wrong in MLX Manager. Its log has the details.';
    refuse(client, dialect, { status: 500, code: 'internal', message });
  }
}

/**
 * Says why not, in the dialect's own shape; an answer that has begun is cut off.
 *
 * @param isUnread - a body may still come, and the connection is closed after the answer
 */
function refuse(client: ClientStream, dialect: Dialect, refusal: Refusal, isUnread = false): void {
  if (client.hasBegun) {
    client.destroy();
    return;
  }
  const { status, headers, body } = refuserOf(dialect)(refusal);
  if (!isUnread) {
    client.answer(status, headers, body);
    return;
  }
  client.begin(status, { ...headers, 'content-length': String(Buffer.byteLength(body)) });
  client.endUnread(body);
}

function json(client: ClientStream, status: number, body: unknown, isHead: boolean): void {
  const text = JSON.stringify(body);
  const length = String(Buffer.byteLength(text));
  client.begin(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': length,
  });
  client.end(isHead ? '' : text);
}
