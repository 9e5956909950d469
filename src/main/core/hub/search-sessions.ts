import type { Clock } from '../ports';
import type { HubClient, ListedModel, ListQuery } from './hub-client';

/** A list of the hub as far as it was read; more is fetched when it is asked for. */
interface Reading {
  readonly models: ListedModel[];
  readonly source: AsyncGenerator<ListedModel>;
  readonly stop: AbortController;
  readonly at: number;
  isEnded: boolean;
  /** Who waits for more of it. */
  waiting: number;
  next: Promise<unknown>;
}

/** Lists are read anew after this time, ms. */
const FRESH_MS = 5 * 60_000;
const KEPT = 30;

/** Reads lists of the hub page by page and keeps what was read, so that going back costs nothing. */
export class SearchSessions {
  readonly #client: HubClient;
  readonly #clock: Clock;
  readonly #readings = new Map<string, Reading>();

  constructor(client: HubClient, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  /** The model at this place of the list; undefined at its end. Rejects as the hub's client does. */
  async at(query: ListQuery, index: number): Promise<ListedModel | undefined> {
    const key = JSON.stringify(query);
    const reading = this.#reading(key, query);
    reading.waiting += 1;
    try {
      while (reading.models.length <= index && !reading.isEnded) await this.#read(reading);
    } catch (error) {
      // A generator that has thrown is over: the next question begins anew.
      this.#readings.delete(key);
      throw error;
    } finally {
      reading.waiting -= 1;
    }
    return reading.models[index];
  }

  /** Ends the request for a list that nobody but the caller waits for; what was read of it stays. */
  cancel(query: ListQuery): void {
    const key = JSON.stringify(query);
    const reading = this.#readings.get(key);
    if (!reading || reading.models.length > 0 || reading.waiting > 1) return;
    reading.stop.abort();
    this.#readings.delete(key);
  }

  /** Forgets everything: the token has changed, or a person asked to look again. */
  clear(): void {
    for (const { stop } of this.#readings.values()) stop.abort();
    this.#readings.clear();
  }

  #reading(key: string, query: ListQuery): Reading {
    const known = this.#readings.get(key);
    const now = this.#clock.monotonic();
    if (known && now - known.at < FRESH_MS) return known;
    const stop = new AbortController();
    const source = this.#client.models(query, stop.signal);
    const next = Promise.resolve();
    const reading: Reading = {
      models: [],
      source,
      stop,
      at: now,
      isEnded: false,
      waiting: 0,
      next,
    };
    this.#readings.set(key, reading);
    const [oldest] = this.#readings.keys();
    if (this.#readings.size > KEPT && oldest !== undefined) this.#readings.delete(oldest);
    return reading;
  }

  /** One model more; two who ask at once wait for each other. */
  #read(reading: Reading): Promise<unknown> {
    const step = async (): Promise<void> => {
      const { value, done } = await reading.source.next();
      if (done) reading.isEnded = true;
      else reading.models.push(value);
    };
    reading.next = reading.next.then(step);
    return reading.next;
  }
}
