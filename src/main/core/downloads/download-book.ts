import { DomainError } from '@shared/errors';

import { JsonDocument, type JsonDocumentOptions } from '../storage/json-document';
import { type DownloadRecord, DOWNLOADS, isSameJob, trimmed } from './download-record';

interface DownloadBookOptions extends Omit<JsonDocumentOptions, 'spec'> {
  /** A change is on the disk. */
  readonly changed: () => void;
}

/** The jobs that are known, as they are kept on the disk. */
export class DownloadBook {
  readonly #document: JsonDocument<{ downloads: DownloadRecord[] }>;
  readonly #changed: () => void;

  constructor({ changed, ...options }: DownloadBookOptions) {
    this.#document = new JsonDocument({ ...options, spec: DOWNLOADS });
    this.#changed = changed;
  }

  get readOnly(): boolean {
    return this.#document.readOnly;
  }

  load(): Promise<void> {
    return this.#document.load();
  }

  get records(): readonly DownloadRecord[] {
    return this.#document.value.downloads;
  }

  /** @throws DomainError `not_found` with the jobs that there are. */
  find(id: string): DownloadRecord {
    const found = this.records.find((record) => record.id === id);
    if (found) return found;
    const ids = this.records.map((record) => `${record.id} (${record.ref})`);
    const known = ids.length > 0 ? ` There are ${ids.slice(0, 10).join(', ')}.` : '';
    throw new DomainError('not_found', `There is no download "${id}".${known}`);
  }

  /** The job for this model and revision that is not over; one that failed is gone on with. */
  same(wanted: { ref: string; revision: string }): DownloadRecord | undefined {
    return this.records.find((record) => isSameJob(record, wanted));
  }

  async update(id: string, changes: Partial<DownloadRecord>): Promise<void> {
    await this.change((all) =>
      all.map((record) => (record.id === id ? { ...record, ...changes } : record)),
    );
  }

  /** Rejects when it could not be written; then nothing has changed. */
  async change(change: (all: DownloadRecord[]) => DownloadRecord[]): Promise<void> {
    await this.#document.update(({ downloads }) => ({ downloads: trimmed(change(downloads)) }));
    this.#changed();
  }
}
