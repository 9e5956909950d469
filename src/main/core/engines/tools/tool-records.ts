import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

import type { Logger } from '../../ports';
import { writeFileDurably } from '../../storage/durable-file';
import { makeFolder } from '../../storage/make-folder';
import { namesIn } from '../../storage/names-in';

const Identity = z.object({ pid: z.number(), startTime: z.string() });

/** Written before a tool is started, removed when it is proven gone. */
export const ToolRecord = z.object({
  /** In the environment of the tool and of all that it starts; the name of the record too. */
  mark: z.object({ name: z.string(), value: z.string().regex(/^[\w-]{8,64}$/) }),
  /** What it does, for people: `uv pip sync`. */
  what: z.string(),
  job: z.string().optional(),
  /** A folder that it writes to, which must stay while it lives. */
  folder: z.string().optional(),
  /** Who started it. */
  manager: Identity,
  /** The machine's boot in which it was started; '' where that cannot be told. */
  boot: z.string(),
  startedAt: z.string(),
  /** Absent from just before the spawn until its identity is known. */
  process: Identity.extend({ pgid: z.number() }).optional(),
});
export type ToolRecord = z.infer<typeof ToolRecord>;

const ENDING = '.tool.json';

/** One small file for each running tool, so that two writes never meet. */
export class ToolRecords {
  readonly folder: string;
  readonly #logger: Logger;

  constructor(folder: string, logger: Logger) {
    this.folder = folder;
    this.#logger = logger;
  }

  /** Durable when it resolves. Rejects with the system's error. */
  async write(record: ToolRecord): Promise<void> {
    await makeFolder(this.folder);
    await writeFileDurably(this.#file(record), JSON.stringify(record));
  }

  async remove(record: ToolRecord): Promise<void> {
    await rm(this.#file(record), { force: true });
  }

  /**
   * Every record that can be read; another one is reported, and left for a version that can.
   * @throws the system's error when the folder cannot be listed.
   */
  async readAll(): Promise<ToolRecord[]> {
    const names = (await namesIn(this.folder)).filter((name) => name.endsWith(ENDING));
    const records: ToolRecord[] = [];
    for (const name of names) {
      const file = path.join(this.folder, name);
      try {
        records.push(ToolRecord.parse(JSON.parse(await readFile(file, 'utf8'))));
      } catch (error) {
        this.#logger.warn(`The record of an installer cannot be read: ${file}`, {
          error: String(error),
        });
      }
    }
    return records;
  }

  #file({ mark }: ToolRecord): string {
    return path.join(this.folder, `${mark.value}${ENDING}`);
  }
}
