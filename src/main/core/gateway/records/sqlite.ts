import { closeSync, openSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';

/** How long a write waits for another program that has the file locked, ms: the manager's loop stands still meanwhile. */
const LOCK_WAIT_MS = 100;

/**
 * Opens a database, made for this user alone where there is none.
 * @throws the system's error or SQLite's.
 */
export function openDatabase(path: string): DatabaseSync {
  closeSync(openSync(path, 'a', 0o600));
  const { DatabaseSync } = loadSqlite();
  return new DatabaseSync(path, { timeout: LOCK_WAIT_MS });
}

/**
 * Opens a database to look at, which nobody else has open: no file is put beside it.
 * @param hasLog whether there is a write-ahead log beside it, which then is read too.
 * @throws SQLite's error.
 */
export function openForReading(path: string, hasLog: boolean): DatabaseSync {
  const { DatabaseSync } = loadSqlite();
  const url = pathToFileURL(path);
  // Without a log the file is all there is; SQLite would make an empty one all the same.
  if (!hasLog) url.searchParams.set('immutable', '1');
  return new DatabaseSync(url, { readOnly: true, timeout: LOCK_WAIT_MS });
}

/** A database that ends with the process. */
export function openInMemory(): DatabaseSync {
  const { DatabaseSync } = loadSqlite();
  return new DatabaseSync(':memory:');
}

/** What went wrong with a database, of what is told apart here. */
export type SqliteProblem = 'corrupt' | 'full' | 'locked' | 'other';

/** Result codes of SQLite (https://sqlite.org/rescode.html). */
const PROBLEMS: Readonly<Record<number, SqliteProblem>> = {
  5: 'locked',
  6: 'locked',
  11: 'corrupt',
  13: 'full',
  26: 'corrupt',
};

export function sqliteProblem(error: unknown): SqliteProblem {
  if (!(error instanceof Error)) return 'other';
  if ('code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')) return 'full';
  const code = 'errcode' in error && typeof error.errcode === 'number' ? error.errcode : 0;
  // The lower byte is the primary code.
  return PROBLEMS[code & 0xff] ?? 'other';
}

let loaded: typeof import('node:sqlite') | undefined;

/**
 * Node says of this module each time that it is experimental, which is nothing that a person can act on; every other
 * warning passes.
 */
function loadSqlite(): typeof import('node:sqlite') {
  if (loaded) return loaded;
  const { emitWarning } = process;
  try {
    process.emitWarning = (warning: string | Error, ...rest: unknown[]): void => {
      const isOfSqlite = /SQLite is an experimental feature/.test(String(warning));
      if (!isOfSqlite) Reflect.apply(emitWarning, process, [warning, ...rest]);
    };
    const found: typeof import('node:sqlite') | undefined = process.getBuiltinModule('node:sqlite');
    // Some builds of Electron came without it (electron/electron, pull request 47706).
    if (found === undefined) throw new Error('This build of Node comes without SQLite');
    loaded = found;
    return found;
  } finally {
    process.emitWarning = emitWarning;
  }
}
