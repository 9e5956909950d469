import type { Payload, Topic } from '@shared/contract';
import { events } from '@shared/contract';
import type { Scope } from '@shared/contract/define';
import { RESYNC_TOPIC } from '@shared/rpc/frames';
import type { Clock } from '../ports';
import type { Session, SessionSink } from './session';

const LATEST_INTERVAL_MS = 250;
const BATCH_INTERVAL_MS = 100;
/** A view further behind than this is told to take a new snapshot. */
const MAX_BACKLOG_BYTES = 4 * 1024 * 1024;
/** Lines of one batch; the rest of a flood is read from the log on demand. */
const MAX_BATCH_ITEMS = 500;

/** Sends every event to every session by its topic's policy, and never buffers without limit. */
export class EventHub {
  readonly #sessions = new Set<HubSession>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  connect(sink: SessionSink, scopes: ReadonlySet<Scope>): Session {
    const session = new HubSession(sink, scopes, this.#clock, () => this.#sessions.delete(session));
    this.#sessions.add(session);
    return session;
  }

  /** `key` tells which of a topic's `latest` or `batch` streams this belongs to. */
  publish<T extends Topic>(topic: T, payload: Payload<T>, key = ''): void {
    for (const session of this.#sessions) session.publish(topic, payload, key);
  }

  /** Whether anyone follows this key: work for nobody is not done. */
  isFollowed(key: string): boolean {
    for (const session of this.#sessions) if (session.follows(key)) return true;
    return false;
  }

  get sessionCount(): number {
    return this.#sessions.size;
  }

  close(): void {
    for (const session of [...this.#sessions]) session.close();
  }
}

interface Batch {
  payload: { lines: unknown[] };
  cancel: () => void;
}

class HubSession implements Session {
  readonly scopes: ReadonlySet<Scope>;
  readonly #sink: SessionSink;
  readonly #clock: Clock;
  readonly #onClose: () => void;
  readonly #followed = new Set<string>();
  readonly #latest = new Map<string, { topic: Topic; payload: unknown }>();
  readonly #batches = new Map<string, Batch>();
  #cancelLatest: (() => void) | undefined;
  #lastLatest = Number.NEGATIVE_INFINITY;
  #seq = 0;
  #lost = false;
  #closed = false;

  constructor(sink: SessionSink, scopes: ReadonlySet<Scope>, clock: Clock, onClose: () => void) {
    this.#sink = sink;
    this.scopes = scopes;
    this.#clock = clock;
    this.#onClose = onClose;
  }

  publish(topic: Topic, payload: unknown, key: string): void {
    const { policy } = events[topic];
    if (policy === 'every') this.#send(topic, payload);
    else if (policy === 'latest') this.#publishLatest(topic, payload, key);
    else if (this.#followed.has(key))
      this.#publishBatch(topic, payload as { lines: unknown[] }, key);
  }

  follow(key: string, on: boolean): void {
    if (on) this.#followed.add(key);
    else {
      this.#followed.delete(key);
      this.#batches.get(key)?.cancel();
      this.#batches.delete(key);
    }
  }

  follows(key: string): boolean {
    return this.#followed.has(key);
  }

  takeSnapshotSeq(): number {
    this.#latest.clear();
    this.#lost = false;
    return this.#seq;
  }

  close(): void {
    this.#closed = true;
    this.#cancelLatest?.();
    for (const batch of this.#batches.values()) batch.cancel();
    this.#batches.clear();
    this.#latest.clear();
    this.#onClose();
  }

  #publishLatest(topic: Topic, payload: unknown, key: string): void {
    this.#latest.set(`${topic}\n${key}`, { topic, payload });
    if (this.#cancelLatest) return;
    const wait = Math.max(0, this.#lastLatest + LATEST_INTERVAL_MS - this.#clock.monotonic());
    this.#cancelLatest = this.#clock.setTimeout(() => {
      this.#cancelLatest = undefined;
      this.#lastLatest = this.#clock.monotonic();
      const due = [...this.#latest.values()];
      this.#latest.clear();
      for (const { topic, payload } of due) this.#send(topic, payload);
    }, wait);
  }

  #publishBatch(topic: Topic, payload: { lines: unknown[] }, key: string): void {
    const pending = this.#batches.get(key);
    if (pending) {
      pending.payload = {
        ...payload,
        lines: [...pending.payload.lines, ...payload.lines].slice(-MAX_BATCH_ITEMS),
      };
      return;
    }
    const batch: Batch = {
      payload: { ...payload, lines: payload.lines.slice(-MAX_BATCH_ITEMS) },
      cancel: this.#clock.setTimeout(() => {
        this.#batches.delete(key);
        this.#send(topic, batch.payload);
      }, BATCH_INTERVAL_MS),
    };
    this.#batches.set(key, batch);
  }

  #send(topic: string, payload: unknown): void {
    if (this.#closed || this.#lost) return;
    if (this.#sink.backlog() > MAX_BACKLOG_BYTES) {
      this.#lost = true;
      this.#sink.send({ seq: ++this.#seq, topic: RESYNC_TOPIC, payload: null });
      return;
    }
    this.#sink.send({ seq: ++this.#seq, topic, payload });
  }
}
