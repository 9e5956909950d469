import { DomainError, messageOf } from '@shared/errors';
import type { Clock, DocumentStore, Logger } from '../ports';
import { type DocumentSpec, recoverDocument } from './document-recovery';
import { keepCopy } from './kept-copy';
import type { NoticeBoard } from '../notices/notice-board';
import { writeError } from './write-error';

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

  /** Never rejects for what the file holds, nor for a disk that cannot be written. */
  async load(): Promise<void> {
    const { store, spec } = this.#options;
    let text: string | undefined;
    try {
      text = await store.read();
    } catch (error) {
      this.#refuseWrites(`Can't read ${store.path}: ${messageOf(error)}.`);
    }
    const found = recoverDocument(text, spec);
    // The spec's schemas made it.
    this.#value = found.value as T;
    if (found.kind === 'newer') await this.#sayNewer(found.version);
    else if (found.kind === 'corrupt') await this.#sayCorrupt(found.reason);
    else if (found.kind === 'read') await this.#sayRepaired(found);
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

  async #sayNewer(version: number): Promise<void> {
    const { store, spec } = this.#options;
    const copy = await this.#keep('newer-copy');
    this.#refuseWrites(
      `${store.path} was saved by a newer version (format ${version}; this version supports ${spec.version}).${copy}`,
    );
  }

  async #sayCorrupt(reason: string): Promise<void> {
    const { store, spec } = this.#options;
    const copy = await this.#keep('corrupt');
    const what = `Couldn't read ${store.path} (${reason}).${copy}`;
    if (!this.readOnly) this.#say('problem', `${what} The ${spec.name} were reset.`);
  }

  async #sayRepaired(found: {
    repairs: readonly string[];
    migratedFrom: number | undefined;
  }): Promise<void> {
    const { store } = this.#options;
    if (found.repairs.length > 0) {
      const copy = await this.#keep('corrupt');
      const what = `${store.path} was damaged: ${found.repairs.join(' ')} The rest was kept.${copy}`;
      this.#say('warning', what);
    }
    if (found.migratedFrom === undefined) return;
    await this.#keep(`v${found.migratedFrom}`);
    if (this.readOnly) return;
    try {
      await this.update((value) => value);
    } catch (error) {
      this.#say('warning', messageOf(error));
    }
  }

  /**
   * Keeps the file as it is before anything is written over it, and says where. Without a copy nothing
   * is written: what a person could still mend by hand would be lost.
   */
  async #keep(kind: string): Promise<string> {
    const { store, clock } = this.#options;
    if (store.lookingOnly) return '';
    try {
      return ` The original file was kept as ${await keepCopy(store.path, kind, clock.now())}.`;
    } catch (error) {
      this.#refuseWrites(`Couldn't make a copy of ${store.path}: ${messageOf(error)}.`);
      return '';
    }
  }

  #refuseWrites(reason: string): void {
    this.#readOnly = `${reason} The file was left as it is, and nothing in it can be changed.`;
    this.#say('problem', this.#readOnly);
  }

  #say(level: 'warning' | 'problem', message: string): void {
    this.#options.logger.warn(message);
    this.#options.notices.add(level, message);
  }
}
