import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { StoredServerFailure } from '@shared/domain/server';
import { z } from 'zod';
import type { Logger } from '../../ports';
import { writeFileWhole } from '../../storage/durable-file';
import { namesIn } from '../../storage/names-in';

/** What the next manager must know of a server beyond its process: why it failed, and the crash nobody has read of. */
export const Outcome = z.object({
  profileId: z.string(),
  /** Why it is failed; absent where it is not. */
  failure: StoredServerFailure.optional(),
  /** Unix ms at which it failed. */
  since: z.number(),
  restarts: z.number(),
  incident: z
    .object({
      at: z.number(),
      failure: StoredServerFailure,
      times: z.number(),
      run: z.number().optional(),
    })
    .optional(),
});
export type Outcome = z.infer<typeof Outcome>;

const ENDING = '.outcome.json';

/** One small file per server that has something to tell, so that two writes never meet. */
export class OutcomeRecords {
  readonly #folder: string;
  readonly #logger: Logger;
  /** What each file holds: writing the same again would cost a sync for nothing. */
  readonly #written = new Map<string, string>();

  constructor(folder: string, logger: Logger) {
    this.#folder = folder;
    this.#logger = logger;
  }

  async write(outcome: Outcome): Promise<void> {
    const text = JSON.stringify(outcome);
    if (this.#written.get(outcome.profileId) === text) return;
    await writeFileWhole(this.#file(outcome.profileId), text);
    this.#written.set(outcome.profileId, text);
  }

  async remove(profileId: string): Promise<void> {
    if (this.#written.get(profileId) === '') return;
    await rm(this.#file(profileId), { force: true });
    this.#written.set(profileId, '');
  }

  /** Every readable outcome; one that cannot be read is reported and stays where it is. */
  async readAll(): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    for (const name of (await namesIn(this.#folder)).filter((file) => file.endsWith(ENDING))) {
      const file = path.join(this.#folder, name);
      try {
        const text = await readFile(file, 'utf8');
        const outcome = Outcome.parse(JSON.parse(text));
        this.#written.set(outcome.profileId, text);
        outcomes.push(outcome);
      } catch (error) {
        this.#logger.warn(`Couldn't read what a server ended with: ${file}`, {
          error: String(error),
        });
      }
    }
    return outcomes;
  }

  #file(profileId: string): string {
    return path.join(this.#folder, `${profileId}${ENDING}`);
  }
}
