import { existsSync, renameSync, rmSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { DomainError } from '@shared/errors';

import { migrate, SCHEMA_VERSION, versionOf } from './record-schema';
import { RecordStore } from './record-store';
import { openDatabase, openForReading, openInMemory } from './sqlite';

/** What SQLite puts beside a database while it is open. */
const BESIDE = ['-wal', '-shm'] as const;

/**
 * Opens the records to write and read them; a file that is not there is made, an older one brought to today's format.
 * @throws NewerDatabase, or the error of the system or of SQLite.
 */
export function openRecords(path: string): RecordStore {
  return opened(openDatabase(path), migrate);
}

/**
 * Opens the records to read them, where no manager runs: nothing on the disk is changed.
 * @throws DomainError where they are of another format, or SQLite's error.
 */
export function openRecordsForReading(path: string): RecordStore {
  if (!existsSync(path)) return opened(openInMemory(), migrate);
  const database = openForReading(path, existsSync(`${path}-wal`));
  return opened(database, (one) => {
    if (versionOf(one) === SCHEMA_VERSION) return;
    throw new DomainError(
      'conflict',
      `${path} was saved by an older version. Start MLX Manager once to convert it.`,
    );
  });
}

function opened(database: DatabaseSync, prepare: (database: DatabaseSync) => void): RecordStore {
  try {
    prepare(database);
    return new RecordStore(database);
  } catch (error) {
    database.close();
    throw error;
  }
}

/**
 * Moves a database that cannot be read out of the way, with what lies beside it.
 * @param time Unix ms, for the name.
 * @returns its new path.
 * @throws the system's error.
 */
export function setAside(path: string, time: number): string {
  // Colons are separators in file names for some programs of macOS.
  const stem = `${path}.corrupt-${new Date(time).toISOString().replaceAll(':', '-')}`;
  const isFree = (name: string): boolean => ['', ...BESIDE].every((end) => !existsSync(name + end));
  let kept = stem;
  for (let number = 2; !isFree(kept); number++) kept = `${stem}-${number}`;
  for (const end of ['', ...BESIDE]) {
    if (existsSync(path + end)) renameSync(path + end, kept + end);
  }
  return kept;
}

/** Deletes the records and what lies beside them. Throws the system's error. */
export function deleteRecords(path: string): void {
  for (const end of ['', ...BESIDE]) rmSync(path + end, { force: true });
}
