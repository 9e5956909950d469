import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';

import { z } from 'zod';

import type { Logger } from '../ports';
import { writeFileDurably } from '../storage/durable-file';
import type { ModelRecord } from './model-record';

/** Grows with every change of what is kept: another format is a library that was never scanned. */
const FORMAT = 1;

/** What the last look at a folder of the library left. */
export interface RootMemory {
  /** Where its disk was mounted. */
  readonly mount: string;
}

export interface Memory {
  readonly roots: ReadonlyMap<string, RootMemory>;
  readonly records: ReadonlyMap<string, ModelRecord>;
}

const File = z.object({
  format: z.literal(FORMAT),
  roots: z.array(z.tuple([z.string(), z.object({ mount: z.string() })])),
  // Written by this program alone, and proven whole by the digest in front.
  records: z.array(z.custom<ModelRecord>((value) => typeof value === 'object' && value !== null)),
});

/**
 * What was seen in each folder, in one file in the cache folder: the digest of the rest on the first line.
 * Nothing is lost with it but time, so a damaged one is as good as none.
 */
export class LibraryMemory {
  readonly #file: string;
  readonly #logger: Logger;
  #written: string | undefined;

  constructor(folder: string, logger: Logger) {
    this.#file = path.join(folder, 'library.json');
    this.#logger = logger;
  }

  async read(): Promise<Memory> {
    const text = await readFile(this.#file, 'utf8').catch(() => undefined);
    const found = text === undefined ? undefined : parse(text);
    if (text !== undefined && !found) {
      this.#logger.warn('The stored model list is damaged; models are scanned again');
    }
    return {
      roots: new Map(found?.roots ?? []),
      records: new Map((found?.records ?? []).map((record) => [record.key, record])),
    };
  }

  /** A disk that cannot be written costs the next start some time, nothing else. */
  async write({ roots, records }: Memory): Promise<void> {
    const body = JSON.stringify({
      format: FORMAT,
      roots: [...roots],
      records: [...records.values()],
    });
    const digest = digestOf(body);
    if (digest === this.#written) return;
    try {
      await mkdir(path.dirname(this.#file), { recursive: true, mode: 0o700 });
      await writeFileDurably(this.#file, `${digest}\n${body}`);
      this.#written = digest;
    } catch (error) {
      this.#logger.warn("Couldn't store the model list", { error: String(error) });
    }
  }
}

function parse(text: string): z.infer<typeof File> | undefined {
  const end = text.indexOf('\n');
  const body = text.slice(end + 1);
  if (end < 0 || text.slice(0, end) !== digestOf(body)) return undefined;
  return File.safeParse(JSON.parse(body)).data;
}

function digestOf(body: string): string {
  return createHash('sha256').update(body).digest('hex');
}
