import { copyFile, writeFile } from 'node:fs/promises';
import { DomainError } from '@shared/errors';
import type { Clock, DocumentStore, Logger } from '../ports';
import { type DocumentSpec, recoverDocument } from './document-recovery';
import type { NoticeBoard } from './notice-board';

export interface JsonDocumentOptions {
  readonly store: DocumentStore;
  readonly spec: DocumentSpec;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly notices: NoticeBoard;
}

/**
 * One document in memory and on disk. What is damaged falls back key by key, the damaged file is kept,
 * and a person is told; a change is in memory only when it is durable.
 */
export class JsonDocument<T extends object> {
  readonly #options: JsonDocumentOptions;
  #value: T | undefined;
  #readOnly: string | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(options: JsonDocumentOptions) {
    this.#options = options;
  }

  get value(): T {
    if (this.#value === undefined) throw new Error(`${this.#options.spec.name} was not loaded.`);
    return this.#value;
  }

  /** Written by a newer version, or not readable: nothing may be changed. */
  get readOnly(): boolean {
    return this.#readOnly !== undefined;
  }

  async load(): Promise<void> {
    const { store, spec } = this.#options;
    let text: string | undefined;
    try {
      text = await store.read();
    } catch (error) {
      this.#readOnly = `${store.path} cannot be read: ${reasonOf(error)}. Nothing is changed in it.`;
      this.#say('problem', this.#readOnly);
    }
    const found = recoverDocument(text, spec);
    // The spec's schemas made it.
    this.#value = found.value as T;
    if (found.kind === 'newer') await this.#keepNewer(found.version);
    else if (found.kind === 'corrupt') await this.#keepCorrupt(text ?? '', found.reason);
    else if (found.kind === 'read') await this.#keepRepaired(text ?? '', found);
  }

  /** One change after the other. Resolves when the change is durable. */
  update(change: (value: T) => T): Promise<T> {
    const next = this.#queue.then(() => this.#write(change(this.value)));
    this.#queue = next.catch(() => undefined);
    return next;
  }

  async #write(value: T): Promise<T> {
    const { store, spec } = this.#options;
    if (this.#readOnly !== undefined) throw new DomainError('read_only', this.#readOnly);
    try {
      await store.write({ version: spec.version, ...value });
    } catch (error) {
      throw writeError(store.path, error);
    }
    this.#value = value;
    return value;
  }

  async #keepNewer(version: number): Promise<void> {
    const { store, spec } = this.#options;
    this.#readOnly = `${store.path} was written by a newer version (format ${version}, this one knows ${spec.version}). It is left as it is and nothing can be changed.`;
    const copy = this.#beside('newer-copy');
    await this.#keep(() => copyFile(store.path, copy), copy);
    this.#say('problem', this.#readOnly);
  }

  async #keepCorrupt(text: string, reason: string): Promise<void> {
    const { store, spec } = this.#options;
    const backup = this.#beside('corrupt');
    await this.#keep(() => writeFile(backup, text, { mode: 0o600 }), backup);
    this.#say(
      'problem',
      `${store.path} could not be read (${reason}). It was kept as ${backup}; ${spec.name} begin anew.`,
    );
  }

  async #keepRepaired(
    text: string,
    found: { repairs: readonly string[]; migratedFrom: number | undefined },
  ): Promise<void> {
    const { store } = this.#options;
    if (found.migratedFrom !== undefined) {
      const backup = this.#beside(`v${found.migratedFrom}`);
      await this.#keep(() => writeFile(backup, text, { mode: 0o600 }), backup);
      await this.update((value) => value);
    }
    if (found.repairs.length === 0) return;
    const backup = this.#beside('corrupt');
    await this.#keep(() => writeFile(backup, text, { mode: 0o600 }), backup);
    this.#say(
      'warning',
      `${store.path} was damaged: ${found.repairs.join(' ')} The rest was kept, and the file as it was is ${backup}.`,
    );
  }

  async #keep(work: () => Promise<void>, file: string): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#say('problem', `The copy ${file} could not be written: ${reasonOf(error)}.`);
    }
  }

  #beside(kind: string): string {
    const time = new Date(this.#options.clock.now()).toISOString().replaceAll(':', '-');
    return this.#options.store.path.replace(/\.json$/, `.${kind}-${time}.json`);
  }

  #say(level: 'warning' | 'problem', message: string): void {
    this.#options.logger.warn(message);
    this.#options.notices.add(level, message);
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A failed write as a person should read it. */
export function writeError(path: string, error: unknown): DomainError {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new DomainError(
      'disk_full',
      `${path} could not be written: the disk is full. Nothing was changed; free some space and try again.`,
      { cause: error },
    );
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new DomainError(
      'permission',
      `${path} may not be written (${code}). Nothing was changed; give yourself write access and try again.`,
      { cause: error },
    );
  }
  return new DomainError(
    'internal',
    `${path} could not be written: ${reasonOf(error)}. Nothing was changed.`,
    { cause: error },
  );
}
