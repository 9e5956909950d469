import { randomUUID } from 'node:crypto';

import type { Target } from '@shared/gateway/target';
import { type Refusal, RequestRefused } from '../conversation/refusal';
import type { AnswerForm, AnswerWriter, WrittenRefusal } from '../conversation/speaker';
import type { AnswerContext, StreamEvent, StreamFailure } from '../conversation/stream-event';
import { engineRefusal } from '../dialects/chat/engine-error';
import type { ClientStream } from '../forward/client-stream';
import { type Desk, type Entry, NotAvailable, type Wish } from '../forward/desk';
import { readText, UpstreamError, type UpstreamAnswer, type Upstreams } from '../forward/upstream';
import { Beats } from './beats';
import { Collector } from './collect';
import { engineEvents } from './engine-events';
import { connectionRefusal, refusalOf } from './unavailable';

/** What became of a conversation, for its record. */
export interface Outcome {
  status: number;
  queueMs: number;
  loadMs: number;
  /** Number of the run of the server that was asked. */
  run?: number;
  firstTokenMs?: number;
  generationMs?: number;
  collector: Collector;
  refusal?: Refusal;
}

export interface Conversing {
  readonly desk: Desk;
  readonly upstreams: Upstreams;
  readonly client: ClientStream;
  readonly form: AnswerForm;
  readonly refuse: (refusal: Refusal) => WrittenRefusal;
  readonly target: Target;
  readonly wish: Omit<Wish, 'signal' | 'onWaiting'>;
  /** Where the engine is asked, and with what: it always streams. */
  readonly path: string;
  readonly engineBody: string;
  /** The prompt as it was counted, for dialects that tell it first; undefined where it was not. */
  readonly promptTokens?: number | undefined;
  /** Its server is ready, and the request is sent to this run of it. */
  readonly onEntered?: ((run: number) => void) | undefined;
}

/** A client that waits for the whole answer gets white space after this, ms: undici and others give up after minutes without a byte. */
const WHOLE_BEAT_MS = 60_000;
/** Of an engine's refusal so much is read, bytes. */
const REFUSAL_BYTES = 64 * 1024;

/** Carries out one conversation, from the wait for its server to the last byte. Rejects only for a defect of ours. */
export async function converse(c: Conversing): Promise<Outcome> {
  const outcome: Outcome = { status: 0, queueMs: 0, loadMs: 0, collector: new Collector() };
  const context = contextOf(c);
  const reply = c.form.isStream
    ? new StreamReply(c, context, outcome)
    : new WholeReply(c, context, outcome);
  let entry: Entry | undefined;
  try {
    entry = await c.desk.enter({ ...c.wish, signal: c.client.signal });
    outcome.queueMs = entry.queueMs;
    outcome.loadMs = entry.loadMs;
    outcome.run = entry.address.run;
    c.onEntered?.(entry.address.run);
    const { answer, entry: used } = await ask(c, entry);
    entry = used;
    await takeAnswer(c, answer, context.id, reply, outcome);
    reply.end();
  } catch (error) {
    fail(c, error, reply, outcome);
  } finally {
    reply.close();
    entry?.leave();
  }
  return outcome;
}

/** A server that ended between two looks is asked for once more: nothing of the request had reached it. */
async function ask(
  c: Conversing,
  entry: Entry,
): Promise<{ readonly answer: UpstreamAnswer; readonly entry: Entry }> {
  const { signal } = c.client;
  const post = (address: Entry['address']): Promise<UpstreamAnswer> =>
    c.upstreams.post({ address, path: c.path, body: c.engineBody, signal });
  try {
    return { answer: await post(entry.address), entry };
  } catch (error) {
    if (!(error instanceof UpstreamError) || !error.isUnsent) throw error;
    entry.leave();
    const again = await c.desk.enter({ ...c.wish, signal }, { mustAsk: true });
    try {
      return { answer: await post(again.address), entry: again };
    } catch (second) {
      again.leave();
      throw second;
    }
  }
}

async function takeAnswer(
  c: Conversing,
  answer: UpstreamAnswer,
  id: string,
  reply: Reply,
  outcome: Outcome,
): Promise<void> {
  if (answer.status !== 200) {
    const body = await readText(answer.body, REFUSAL_BYTES);
    throw new RequestRefused(engineRefusal(answer.status, body, c.target.name));
  }
  const began = performance.now();
  let firstAt: number | undefined;
  for await (const events of engineEvents(answer, id)) {
    for (const event of events) {
      if (isToken(event)) {
        firstAt ??= performance.now();
        outcome.firstTokenMs ??= firstAt - began;
        outcome.generationMs = performance.now() - firstAt;
      }
      outcome.collector.take(event);
    }
    await reply.take(events);
    if (outcome.collector.failure) return;
  }
}

const isToken = ({ type }: StreamEvent): boolean =>
  type === 'text' || type === 'reasoning' || type === 'callBegun' || type === 'callArguments';

function fail(c: Conversing, error: unknown, reply: Reply, outcome: Outcome): void {
  if (c.client.signal.aborted) {
    outcome.status = 499;
    return;
  }
  const refusal = toRefusal(c.target.name, error);
  outcome.refusal = refusal;
  reply.refuse(refusal);
}

function toRefusal(name: string, error: unknown): Refusal {
  if (error instanceof NotAvailable) return refusalOf(error.why);
  if (error instanceof RequestRefused) return error.refusal;
  if (error instanceof UpstreamError) return connectionRefusal(name, error);
  throw error;
}

/** How the client gets its answer. */
interface Reply {
  /** What one piece of the engine's answer said. */
  take(events: readonly StreamEvent[]): Promise<void>;
  refuse(refusal: Refusal): void;
  end(): void;
  close(): void;
}

const SSE_HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache',
  // Where somebody puts nginx in front: it would hold tokens back.
  'x-accel-buffering': 'no',
};

function contextOf({ form, target, promptTokens }: Conversing): AnswerContext {
  return {
    id: randomUUID().replaceAll('-', ''),
    model: form.model || target.name,
    created: Math.floor(Date.now() / 1000),
    wantsUsage: form.wantsUsage,
    promptTokens,
  };
}

function refusalOfFailure({ code, message }: StreamFailure): RequestRefused {
  return new RequestRefused({ status: 502, code, message });
}

class StreamReply implements Reply {
  readonly #c: Conversing;
  readonly #outcome: Outcome;
  readonly #writer: AnswerWriter;
  readonly #beats: Beats;

  constructor(c: Conversing, context: AnswerContext, outcome: Outcome) {
    this.#c = c;
    this.#outcome = outcome;
    this.#writer = c.form.stream(context);
    this.#beats = new Beats(() => {
      this.#begin();
      c.client.send(this.#writer.beat());
    });
  }

  async take(events: readonly StreamEvent[]): Promise<void> {
    const [first] = events;
    // Before the first word a failure can still be a status.
    if (first?.type === 'failed' && !this.#c.client.hasBegun) throw refusalOfFailure(first.failure);
    const text = events.map((event) => this.#writer.write(event)).join('');
    this.#beats.heard();
    if (this.#c.client.hasBegun) await this.#c.client.write(text);
    else this.#begin(text);
  }

  refuse(refusal: Refusal): void {
    if (!this.#c.client.hasBegun) {
      this.#outcome.status = refusal.status;
      const { status, headers, body } = this.#c.refuse(refusal);
      this.#c.client.answer(status, headers, body);
      return;
    }
    const { code, message } = refusal;
    this.#c.client.end(this.#writer.write({ type: 'failed', failure: { code, message } }));
  }

  end(): void {
    const { collector } = this.#outcome;
    this.#begin();
    this.#c.client.end(collector.failure ? '' : this.#writer.end());
    if (!collector.failure) this.#c.form.keep?.();
  }

  close(): void {
    this.#beats.end();
  }

  #begin(first = ''): void {
    if (this.#c.client.hasBegun) return;
    this.#outcome.status = 200;
    this.#c.client.begin(200, SSE_HEADERS, first);
  }
}

const JSON_HEADERS = { 'content-type': 'application/json; charset=utf-8' };

class WholeReply implements Reply {
  readonly #c: Conversing;
  readonly #context: AnswerContext;
  readonly #outcome: Outcome;
  readonly #beats: Beats;

  constructor(c: Conversing, context: AnswerContext, outcome: Outcome) {
    this.#c = c;
    this.#context = context;
    this.#outcome = outcome;
    this.#beats = new Beats(() => {
      this.#begin();
      // White space before a JSON text is no part of it.
      c.client.send(' ');
    }, WHOLE_BEAT_MS);
  }

  async take(events: readonly StreamEvent[]): Promise<void> {
    const failed = events.find((event) => event.type === 'failed');
    if (failed) throw refusalOfFailure(failed.failure);
  }

  refuse(refusal: Refusal): void {
    if (this.#c.client.hasBegun) {
      // A body with an error in it and a status of 200 would be taken for an answer.
      this.#c.client.destroy();
      return;
    }
    this.#outcome.status = refusal.status;
    const { status, headers, body } = this.#c.refuse(refusal);
    this.#c.client.answer(status, headers, body);
  }

  end(): void {
    const answer = this.#outcome.collector.answer();
    const text = JSON.stringify(this.#c.form.whole(this.#context, answer));
    if (this.#c.client.hasBegun) this.#c.client.end(text);
    else this.#c.client.answer(this.#answered(), JSON_HEADERS, text);
    this.#c.form.keep?.();
  }

  close(): void {
    this.#beats.end();
  }

  #begin(): void {
    if (!this.#c.client.hasBegun) this.#c.client.begin(this.#answered(), JSON_HEADERS);
  }

  #answered(): number {
    this.#outcome.status = 200;
    return 200;
  }
}
