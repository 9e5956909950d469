import type { DatabaseSync } from 'node:sqlite';

/** Each step turns one version into the next; the first makes everything. */
const STEPS: readonly string[] = [
  `
  CREATE TABLE requests (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    time INTEGER NOT NULL,
    client TEXT NOT NULL,
    keyId TEXT,
    session TEXT,
    profileId TEXT,
    model TEXT,
    dialect TEXT NOT NULL,
    operation TEXT NOT NULL,
    isStream INTEGER NOT NULL,
    isSideCall INTEGER NOT NULL,
    status INTEGER NOT NULL,
    ending TEXT NOT NULL,
    errorCode TEXT,
    errorMessage TEXT,
    promptTokens INTEGER,
    cachedTokens INTEGER,
    answerTokens INTEGER,
    firstTokenMs REAL,
    generationMs REAL,
    totalMs REAL NOT NULL,
    queueMs REAL NOT NULL,
    loadMs REAL NOT NULL,
    stop TEXT,
    changes TEXT,
    prefix TEXT
  );
  CREATE INDEX requestsOfSession ON requests (session, seq) WHERE session IS NOT NULL;
  CREATE INDEX requestsOfProfile ON requests (profileId, seq) WHERE profileId IS NOT NULL;
  CREATE INDEX requestsOfKey ON requests (keyId, seq) WHERE keyId IS NOT NULL;

  CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    client TEXT NOT NULL,
    profileId TEXT,
    model TEXT,
    firstTime INTEGER NOT NULL,
    lastTime INTEGER NOT NULL,
    requests INTEGER NOT NULL,
    promptTokens INTEGER NOT NULL,
    cachedTokens INTEGER NOT NULL,
    answerTokens INTEGER NOT NULL,
    -- Prompt tokens of the requests of which the engine told what it reused.
    toldTokens INTEGER NOT NULL,
    -- Hashes and lengths of the last prompt's parts.
    prompt TEXT
  );
  CREATE INDEX sessionsByTime ON sessions (lastTime);

  CREATE TABLE causes (
    session TEXT NOT NULL,
    cause TEXT NOT NULL,
    requests INTEGER NOT NULL,
    tokensAgain INTEGER NOT NULL,
    secondsAgain REAL NOT NULL,
    PRIMARY KEY (session, cause)
  ) WITHOUT ROWID;

  CREATE TABLE keys (
    id TEXT PRIMARY KEY,
    lastTime INTEGER NOT NULL,
    requests INTEGER NOT NULL,
    promptTokens INTEGER NOT NULL,
    cachedTokens INTEGER NOT NULL,
    answerTokens INTEGER NOT NULL
  ) WITHOUT ROWID;
  `,
];

export const SCHEMA_VERSION: number = STEPS.length;

/** A database that a later version of the program has written: nothing in it may be changed. */
export class NewerDatabase extends Error {
  constructor(readonly version: number) {
    super(`it has format ${version}; this version supports ${SCHEMA_VERSION}`);
    this.name = 'NewerDatabase';
  }
}

/** Throws {@link NewerDatabase} where this version does not know the format. */
export function versionOf(database: DatabaseSync): number {
  const row = database.prepare('PRAGMA user_version').get();
  const version = Number(row?.user_version ?? 0);
  if (version > SCHEMA_VERSION) throw new NewerDatabase(version);
  return version;
}

/**
 * Brings a database to today's format, each step whole or not at all.
 * @throws NewerDatabase, or SQLite's error.
 */
export function migrate(database: DatabaseSync): void {
  const version = versionOf(database);
  // Before the first table, so that what is deleted can be given back page by page.
  if (version === 0) database.exec('PRAGMA auto_vacuum = INCREMENTAL');
  database.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    PRAGMA journal_size_limit = 4194304;
  `);
  for (const [index, step] of STEPS.slice(version).entries()) {
    const next = version + index + 1;
    database.exec(`BEGIN IMMEDIATE; ${step} PRAGMA user_version = ${next}; COMMIT;`);
  }
}
