import { isDeepStrictEqual } from 'node:util';

import type { Payload, Snapshot, Topic } from '@shared/contract';
import { events } from '@shared/contract';
import type { EventDefinition, Scope } from '@shared/contract/define';
import { RESYNC_TOPIC } from '@shared/rpc/frames';
import type { z } from 'zod';
import type { Clock } from '../ports';
import type { Session, SessionSink } from './session';

const LATEST_INTERVAL_MS = 250;
const BATCH_INTERVAL_MS = 100;
/** A view further behind than this is told to take a new snapshot. */
const MAX_BACKLOG_BYTES = 4 * 1024 * 1024;
/** Entries of one batch; the rest of a flood is asked for. */
const MAX_BATCH_ITEMS = 500;

/**
 * Sends every event to every session by its topic's policy, and never buffers without limit. What a session knows
 * already is not sent to it again: whoever publishes need not know what has changed.
 */
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

  /** `key` tells which of a topic's streams this belongs to: of states, which of several things it is about. */
  publish<T extends Topic>(topic: T, payload: Payload<T>, key = ''): void {
    if (this.#sessions.size === 0) return;
    const news = newsOf(topic, payload);
    for (const session of this.#sessions) session.publish(topic, payload, key, news);
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

/** What of a state is news; undefined for an event that is none, which is always sent. */
function newsOf(topic: Topic, payload: unknown): unknown {
  const { policy, news } = events[topic] as EventDefinition<z.ZodType>;
  if (policy !== 'every' || payload === null) return undefined;
  return news ? news(payload) : payload;
}

/** A snapshot as the events that would have told the same. */
function eventsIn(
  snapshot: Omit<Snapshot, 'seq'>,
): [topic: Topic, key: string, payload: unknown][] {
  const { servers, profiles, installations, settings, notices, downloads, startup, desktop } =
    snapshot;
  return [
    ...servers.map((server): [Topic, string, unknown] => [
      'servers.changed',
      server.profileId,
      server,
    ]),
    ['profiles.changed', '', profiles],
    ['installations.changed', '', installations],
    ['settings.changed', '', settings],
    ['notices.changed', '', notices],
    ['downloads.changed', '', downloads],
    ['startup.changed', '', startup],
    ['desktop.changed', '', desktop],
  ];
}

interface Batch {
  payload: Record<string, unknown>;
  cancel: () => void;
}

/** Lists are joined, everything else is as in the newer one; of too many entries the newest are kept. */
function joined(
  older: Readonly<Record<string, unknown>>,
  newer: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(newer).map(([name, value]) => {
      if (!Array.isArray(value)) return [name, value];
      const before = older[name];
      const all = Array.isArray(before) ? [...before, ...value] : value;
      return [name, all.slice(-MAX_BATCH_ITEMS)];
    }),
  );
}

class HubSession implements Session {
  readonly scopes: ReadonlySet<Scope>;
  readonly #sink: SessionSink;
  readonly #clock: Clock;
  readonly #onClose: () => void;
  readonly #followed = new Set<string>();
  readonly #latest = new Map<string, { topic: Topic; payload: unknown }>();
  readonly #batches = new Map<string, Batch>();
  /** The states that it knows, by topic and key. */
  readonly #known = new Map<string, unknown>();
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

  /** @param news what of a state has to differ from what is known. */
  publish(topic: Topic, payload: unknown, key: string, news: unknown): void {
    const { policy } = events[topic];
    if (policy === 'every') this.#publishState(topic, payload, key, news);
    else if (policy === 'latest') this.#publishLatest(topic, payload, key);
    else if (this.#followed.has(key))
      this.#publishBatch(topic, payload as Record<string, unknown>, key);
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

  takeSnapshot(parts: Omit<Snapshot, 'seq'>): Snapshot {
    this.#latest.clear();
    this.#lost = false;
    this.#known.clear();
    for (const [topic, key, payload] of eventsIn(parts)) {
      this.#known.set(`${topic}\n${key}`, newsOf(topic, payload));
    }
    return { seq: this.#seq, ...parts };
  }

  close(): void {
    this.#closed = true;
    this.#cancelLatest?.();
    for (const batch of this.#batches.values()) batch.cancel();
    this.#batches.clear();
    this.#latest.clear();
    this.#onClose();
  }

  #publishState(topic: Topic, payload: unknown, key: string, news: unknown): void {
    const name = `${topic}\n${key}`;
    if (news !== undefined && isDeepStrictEqual(this.#known.get(name), news)) return;
    this.#known.set(name, news);
    this.#send(topic, payload);
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

  #publishBatch(topic: Topic, payload: Readonly<Record<string, unknown>>, key: string): void {
    const pending = this.#batches.get(key);
    if (pending) {
      pending.payload = joined(pending.payload, payload);
      return;
    }
    const batch: Batch = {
      payload: joined({}, payload),
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
