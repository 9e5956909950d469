import type {
  GatewayRequest,
  GatewayRequestsQuery,
  GatewaySession,
  GatewaySessionDetail,
  GatewaySessionsQuery,
} from '@shared/domain/gateway-records';
import { DomainError, messageOf } from '@shared/errors';
import { formatCount } from '@shared/format/counts';
import type { RequestRecord } from '@shared/gateway/record';

import type { CoreMode } from '../../composition/shared-parts';
import type { NoticeBoard } from '../../notices/notice-board';
import type { Clock, Logger } from '../../ports';
import { GatewayMetrics } from './histograms';
import { type ProfileSpeed, profileSpeed } from './profile-speed';
import { deleteRecords, openRecords, openRecordsForReading, setAside } from './record-files';
import type { KeySum } from './record-rows';
import { NewerDatabase } from './record-schema';
import type { RecordStore } from './record-store';
import { type NameOf, shownRequest, shownSession } from './shown-records';
import { sqliteProblem } from './sqlite';

/** Requests of a session that its detail lists. */
const DETAIL_REQUESTS = 200;
const HOUR_MS = 60 * 60 * 1000;
/** Answers of the last hour that a median is made of. */
const MEASURED_ANSWERS = 2000;

export interface GatewayRecordsOptions {
  /** The database's file. */
  readonly path: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly notices: NoticeBoard;
  readonly mode: () => CoreMode;
  readonly nameOf: NameOf;
  /** Told with each batch, where somebody wants to know. */
  readonly publish: (requests: GatewayRequest[]) => void;
  readonly isFollowed: () => boolean;
}

/**
 * What went through the gateway: counted for `/metrics`, kept in a database, told to views. The gateway never waits for
 * it and never stops for it: what cannot be kept is dropped, and a person is told once.
 */
export class GatewayRecords {
  readonly metrics = new GatewayMetrics();
  readonly #options: GatewayRecordsOptions;
  #store: RecordStore | undefined;
  /** Records that were dropped since the last one that was kept. */
  #dropped = 0;

  constructor(options: GatewayRecordsOptions) {
    this.#options = options;
  }

  /** Keeps a batch. Never throws for what the disk does. */
  take(records: readonly RequestRecord[]): void {
    if (records.length === 0) return;
    this.metrics.take(records);
    try {
      this.#keep(records);
      this.#sayKept();
    } catch (error) {
      // Said once, until something is kept again.
      if (this.#dropped === 0) this.#say(`${this.#whyDropped(error)} Requests are still answered.`);
      this.#dropped += records.length;
    }
    const { isFollowed, publish, nameOf } = this.#options;
    if (isFollowed()) publish(records.map((record) => shownRequest(record, nameOf)));
  }

  requests(query: GatewayRequestsQuery): GatewayRequest[] {
    const { nameOf } = this.#options;
    return this.#read((store) => store.requests(query)).map((one) => shownRequest(one, nameOf));
  }

  sessions(query: GatewaySessionsQuery): GatewaySession[] {
    const stored = this.#read((store) => store.sessions(query));
    return stored.map((one) => shownSession(one, this.#options.nameOf));
  }

  /** @throws DomainError not_found */
  session(id: string): GatewaySessionDetail {
    const stored = this.#read((store) => store.session(id));
    if (!stored) throw new DomainError('not_found', `There is no session with the id ${id}.`);
    const requests = this.requests({ sessionId: id, limit: DETAIL_REQUESTS });
    const { prompt } = stored.row;
    return { session: shownSession(stored, this.#options.nameOf), prompt, requests };
  }

  /** What each key has used since its first request. */
  keySums(): KeySum[] {
    return this.#read((store) => store.keySums());
  }

  /** How fast a profile answered: the last time and in the middle of the last hour. */
  speedOf(profileId: string): ProfileSpeed {
    const since = this.#options.clock.now() - HOUR_MS;
    return profileSpeed(this.#read((store) => store.speeds(profileId, since, MEASURED_ANSWERS)));
  }

  /** The counts for Prometheus, in its text format. */
  metricsText(): string {
    return this.metrics.text(this.#options.nameOf);
  }

  /** Deletes everything that was kept. Throws the system's error. */
  removeAll(): void {
    this.close();
    deleteRecords(this.#options.path);
  }

  /** Opened again by what comes next. */
  close(): void {
    this.#store?.close();
    this.#store = undefined;
  }

  #keep(records: readonly RequestRecord[]): void {
    const now = this.#options.clock.now();
    this.#onceMore((store) => store.insert(records, now));
  }

  #read<T>(ask: (store: RecordStore) => T): T {
    try {
      return this.#onceMore(ask);
    } catch (error) {
      if (error instanceof DomainError) throw error;
      const sentence = `Couldn't read the gateway's records in ${this.#options.path}: ${messageOf(error)}.`;
      throw new DomainError('internal', sentence, { cause: error });
    }
  }

  /** Does something with the store, and again with a new one where the file turns out to be damaged. */
  #onceMore<T>(use: (store: RecordStore) => T): T {
    try {
      return use(this.#opened());
    } catch (error) {
      const problem = sqliteProblem(error);
      // What a disk did to an open file may be mended by opening it again.
      if (problem === 'corrupt' || problem === 'other') this.#closeBroken();
      if (problem !== 'corrupt' || this.#options.mode() === 'read') throw error;
      this.#sayCorrupt(error, setAside(this.#options.path, this.#options.clock.now()));
      return use(this.#opened());
    }
  }

  #opened(): RecordStore {
    const { path, mode } = this.#options;
    this.#store ??= mode() === 'read' ? openRecordsForReading(path) : openRecords(path);
    return this.#store;
  }

  #closeBroken(): void {
    try {
      this.close();
    } catch (error) {
      // It is given up all the same: nothing more is read from or written to this handle.
      this.#store = undefined;
      this.#options.logger.warn(`The gateway's records could not be closed: ${messageOf(error)}`);
    }
  }

  #sayCorrupt(error: unknown, kept: string): void {
    const { path } = this.#options;
    const reason = `Couldn't read ${path} (${messageOf(error)}).`;
    this.#say(`${reason} The original file was kept as ${kept}. The gateway's records start over.`);
  }

  #sayKept(): void {
    if (this.#dropped === 0) return;
    const count = formatCount(this.#dropped, 'request');
    this.#options.logger.info(`Requests are recorded again; ${count} in between were not`);
    this.#dropped = 0;
  }

  #whyDropped(error: unknown): string {
    const { path } = this.#options;
    if (error instanceof NewerDatabase) {
      return `${path} was saved by a newer version (${error.message}). The file was left as it is, so the gateway's requests aren't recorded.`;
    }
    switch (sqliteProblem(error)) {
      case 'full':
        return "The disk is full, so the gateway's requests aren't recorded.";
      case 'locked':
        return `Another program has locked ${path}, so the gateway's requests aren't recorded.`;
      default:
        return `Couldn't write ${path}: ${messageOf(error)}. The gateway's requests aren't recorded.`;
    }
  }

  #say(sentence: string): void {
    this.#options.logger.warn(sentence);
    this.#options.notices.add('warning', sentence);
  }
}
