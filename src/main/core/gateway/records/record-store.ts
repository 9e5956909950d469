import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { GatewayRequestsQuery, GatewaySessionsQuery } from '@shared/domain/gateway-records';
import type { RequestRecord } from '@shared/gateway/record';

import {
  answerSpeedOf,
  CauseRow,
  COLUMNS,
  KeySum,
  requestOf,
  type SessionRow,
  sessionOf,
  type SpeedRow,
  type StoredRequest,
  valuesOf,
} from './record-rows';
import { type CauseSum, causesOf, type Sum, sumsBy } from './record-sums';

/** How much is kept; what is older goes first. */
export interface RecordLimits {
  readonly rows: number;
  readonly bytes: number;
  readonly ageMs: number;
}

export const RECORD_LIMITS: RecordLimits = {
  rows: 200_000,
  bytes: 200 * 1024 * 1024,
  ageMs: 30 * 24 * 60 * 60 * 1000,
};

/** Rows that one batch deletes at most beyond those it inserts, so that no batch takes long. */
const PRUNED_AT_ONCE = 500;
/** Sessions have sums of their own, which are kept when their requests are not: so many rows for one of them. */
const ROWS_PER_SESSION = 10;
/** Empty pages that one batch gives back to the disk. */
const PAGES_AT_ONCE = 256;

export interface StoredSession {
  readonly row: SessionRow;
  readonly causes: readonly CauseRow[];
}

/** The records in their database. Every method throws SQLite's error where the file does not play along. */
export class RecordStore {
  readonly #database: DatabaseSync;
  readonly #limits: RecordLimits;
  readonly #statements = new Map<string, StatementSync>();

  /** @param database at today's format. */
  constructor(database: DatabaseSync, limits: RecordLimits = RECORD_LIMITS) {
    this.#database = database;
    this.#limits = limits;
  }

  /**
   * Keeps records, all of them or none; one that is there already is left as it is.
   * @param now Unix ms.
   */
  insert(records: readonly RequestRecord[], now: number): void {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const isNew = records.filter((record) => this.#run(INSERT, valuesOf(record)) === 1);
      for (const sum of sumsBy(isNew, ({ session }) => session)) this.#addToSession(sum);
      for (const sum of causesOf(isNew)) this.#addToCause(sum);
      for (const sum of sumsBy(isNew, ({ keyId }) => keyId)) this.#addToKey(sum);
      this.#prune(isNew.length, now);
      this.#database.exec('COMMIT');
    } catch (error) {
      // SQLite has undone it by itself where the disk is full.
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
    this.#database.exec(`PRAGMA incremental_vacuum(${PAGES_AT_ONCE})`);
  }

  requests(query: GatewayRequestsQuery): StoredRequest[] {
    const { limit, profileId, sessionId, keyId, before, after } = query;
    const of = (column: string, value: string | undefined): [string, string][] =>
      value === undefined ? [] : [[column, value]];
    const conditions = [
      ...of('profileId = ?', profileId),
      ...of('session = ?', sessionId),
      ...of('keyId = ?', keyId),
      ...of('seq < (SELECT seq FROM requests WHERE id = ?)', before),
      // Where that one is no longer kept, everything that is came after it.
      ...of('seq > coalesce((SELECT seq FROM requests WHERE id = ?), 0)', after),
    ];
    const where = conditions.map(([condition]) => condition).join(' AND ');
    const sql = `SELECT * FROM requests ${where && `WHERE ${where}`} ORDER BY seq ${after === undefined ? 'DESC' : 'ASC'} LIMIT ?`;
    return this.#all(sql, [...conditions.map(([, value]) => value), limit]).map((row) =>
      requestOf(row),
    );
  }

  sessions({ limit, profileId }: GatewaySessionsQuery): StoredSession[] {
    const rows =
      profileId === undefined
        ? this.#all(`${SESSION_SUMS} ORDER BY lastTime DESC LIMIT ?`, [limit])
        : this.#all(`${SESSION_SUMS} WHERE profileId = ? ORDER BY lastTime DESC LIMIT ?`, [
            profileId,
            limit,
          ]);
    return rows.map((row) => this.#withCauses(sessionOf(row)));
  }

  session(id: string): StoredSession | undefined {
    const [row] = this.#all('SELECT * FROM sessions WHERE id = ?', [id]);
    return row && this.#withCauses(sessionOf(row));
  }

  /** What each key has used since its first request: it is kept when the requests themselves are not. */
  keySums(): KeySum[] {
    return this.#all('SELECT * FROM keys', []).map((row) => KeySum.parse(row));
  }

  /**
   * How fast a profile answered, the newest first.
   * @param since Unix ms.
   * @param limit of the profile's newest requests that are looked at.
   */
  speeds(profileId: string, since: number, limit: number): SpeedRow[] {
    const newest = 'SELECT * FROM requests WHERE profileId = ? ORDER BY seq DESC LIMIT ?';
    const sql = `SELECT answerTokens, generationMs, firstTokenMs FROM (${newest})
      WHERE time >= ? AND answerTokens > 0 ORDER BY seq DESC`;
    return this.#all(sql, [profileId, limit, since]).map((row) => answerSpeedOf(row));
  }

  /** Rows and bytes of the whole. */
  usage(): { readonly rows: number; readonly bytes: number } {
    return { rows: this.#count(SPAN), bytes: this.#bytes() };
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  #withCauses(row: SessionRow): StoredSession {
    const sql = 'SELECT * FROM causes WHERE session = ? ORDER BY tokensAgain DESC';
    return { row, causes: this.#all(sql, [row.id]).map((cause) => CauseRow.parse(cause)) };
  }

  #addToSession(sum: Sum): void {
    const { client, profileId, model, prompt } = sum.newest;
    this.#run(ADD_TO_SESSION, [
      ...[sum.id, client, profileId ?? null, model ?? null, sum.firstTime, sum.lastTime],
      ...[sum.requests, sum.promptTokens, sum.cachedTokens, sum.answerTokens, sum.toldTokens],
      prompt ? JSON.stringify(prompt) : null,
    ]);
  }

  #addToCause({ session, cause, requests, tokensAgain, secondsAgain }: CauseSum): void {
    this.#run(ADD_TO_CAUSE, [session, cause, requests, tokensAgain, secondsAgain]);
  }

  #addToKey(sum: Sum): void {
    const { id, lastTime, requests, promptTokens, cachedTokens, answerTokens } = sum;
    this.#run(ADD_TO_KEY, [id, lastTime, requests, promptTokens, cachedTokens, answerTokens]);
  }

  /** Deletes the oldest of what is too much or too old, a few at a time. */
  #prune(inserted: number, now: number): void {
    const { rows, bytes, ageMs } = this.#limits;
    const most = inserted + PRUNED_AT_ONCE;
    const isTooLarge = this.#bytes() > bytes;
    const tooMany = isTooLarge ? most : this.#count(SPAN) - rows;
    if (tooMany > 0) this.#run(DELETE_OLDEST, [Math.min(most, tooMany)]);
    const sessions = this.#count(SESSION_COUNT);
    const tooManySessions = sessions - (isTooLarge ? sessions / 2 : rows / ROWS_PER_SESSION);
    const oldest = now - ageMs;
    this.#run(DELETE_OLD, [most, oldest]);
    this.#forgetSessions(oldest, PRUNED_AT_ONCE);
    if (tooManySessions >= 1) {
      this.#forgetSessions(Number.MAX_SAFE_INTEGER, Math.min(most, tooManySessions));
    }
  }

  /** Those that were last used before a time, at most so many, the oldest first. */
  #forgetSessions(before: number, most: number): void {
    this.#run(DELETE_CAUSES, [before, Math.floor(most)]);
    this.#run(DELETE_SESSIONS, [before, Math.floor(most)]);
  }

  #count(sql: string): number {
    return Number(this.#all(sql, [])[0]?.count ?? 0);
  }

  /** Bytes of the file that hold something. */
  #bytes(): number {
    const value = (pragma: string): number => {
      const [row] = this.#all(`PRAGMA ${pragma}`, []);
      return Number(row?.[pragma] ?? 0);
    };
    return (value('page_count') - value('freelist_count')) * value('page_size');
  }

  #run(sql: string, values: SQLInputValue[]): number {
    return Number(this.#prepared(sql).run(...values).changes);
  }

  #all(sql: string, values: SQLInputValue[]) {
    return this.#prepared(sql).all(...values);
  }

  #prepared(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known) return known;
    const statement = this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}

const INSERT = `INSERT OR IGNORE INTO requests (${COLUMNS.join(', ')}) VALUES (${COLUMNS.map(() => '?').join(', ')})`;

/** Rows are deleted from the oldest on, so that the span of their numbers is their count. */
const SPAN = 'SELECT coalesce(max(seq) - min(seq) + 1, 0) AS count FROM requests';
/** Without the last prompt, which may be long. */
const SESSION_SUMS = `SELECT id, client, profileId, model, firstTime, lastTime, requests, promptTokens,
  cachedTokens, answerTokens, toldTokens FROM sessions`;
const SESSION_COUNT = 'SELECT count(*) AS count FROM sessions';

const DELETE_OLDEST =
  'DELETE FROM requests WHERE seq IN (SELECT seq FROM requests ORDER BY seq LIMIT ?)';
const DELETE_OLD =
  'DELETE FROM requests WHERE seq IN (SELECT seq FROM requests ORDER BY seq LIMIT ?) AND time < ?';
const OLD_SESSIONS = 'SELECT id FROM sessions WHERE lastTime < ? ORDER BY lastTime LIMIT ?';
const DELETE_CAUSES = `DELETE FROM causes WHERE session IN (${OLD_SESSIONS})`;
const DELETE_SESSIONS = `DELETE FROM sessions WHERE id IN (${OLD_SESSIONS})`;

const ADD_TO_SESSION = `
  INSERT INTO sessions (id, client, profileId, model, firstTime, lastTime, requests, promptTokens,
    cachedTokens, answerTokens, toldTokens, prompt) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (id) DO UPDATE SET
    client = excluded.client, profileId = coalesce(excluded.profileId, profileId),
    model = coalesce(excluded.model, model), firstTime = min(firstTime, excluded.firstTime),
    lastTime = max(lastTime, excluded.lastTime), requests = requests + excluded.requests,
    promptTokens = promptTokens + excluded.promptTokens,
    cachedTokens = cachedTokens + excluded.cachedTokens,
    answerTokens = answerTokens + excluded.answerTokens,
    toldTokens = toldTokens + excluded.toldTokens, prompt = coalesce(excluded.prompt, prompt)`;

const ADD_TO_CAUSE = `
  INSERT INTO causes (session, cause, requests, tokensAgain, secondsAgain) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (session, cause) DO UPDATE SET requests = requests + excluded.requests,
    tokensAgain = tokensAgain + excluded.tokensAgain,
    secondsAgain = secondsAgain + excluded.secondsAgain`;

const ADD_TO_KEY = `
  INSERT INTO keys (id, lastTime, requests, promptTokens, cachedTokens, answerTokens)
  VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT (id) DO UPDATE SET lastTime = max(lastTime, excluded.lastTime),
    requests = requests + excluded.requests, promptTokens = promptTokens + excluded.promptTokens,
    cachedTokens = cachedTokens + excluded.cachedTokens,
    answerTokens = answerTokens + excluded.answerTokens`;
