import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { Cluster } from '@shared/domain/cluster';
import { MODEL_KINDS } from '@shared/domain/hub';
import type { Logger } from '../../ports';
import { readBootId } from '../../processes/boot-id';
import { writeFileDurably } from '../../storage/durable-file';
import { namesIn } from '../../storage/names-in';
import { hiddenFingerprint } from './launch';

/** Written before a server is reported as starting, removed when it is proven gone. */
export const OwnershipRecord = z.object({
  profileId: z.string(),
  run: z.number(),
  /** The installation that runs, which may no longer be the one in use; null for a custom command. */
  installation: z.string().nullable(),
  modelPath: z.string(),
  /** What the model is for; absent where that was not known. */
  modelKind: z.enum(MODEL_KINDS).optional().catch(undefined),
  host: z.string(),
  port: z.number(),
  fingerprint: z.string().transform(hiddenFingerprint),
  startedAt: z.string(),
  restarts: z.number(),
  /** In the environment of the process: finds one whose spawn was not recorded any more. */
  nonce: z.string(),
  /** The command, secrets masked. */
  argv: z.array(z.string()).optional(),
  /** Started with what takes the least memory. */
  safeMode: z.boolean().optional(),
  /** The machine's boot in which it was written. */
  boot: z.string().optional(),
  /** Since when it has been ready, and how long it took; absent before. */
  ready: z.object({ since: z.string(), afterMs: z.number() }).optional(),
  /** Left to the next manager on purpose. */
  released: z.boolean().optional(),
  /** The machines that it was started on, where there are several. */
  cluster: Cluster.optional(),
  /** Absent from just before the spawn until its identity is known. */
  process: z
    .object({ pid: z.number(), pgid: z.number(), startTime: z.string(), command: z.string() })
    .optional(),
});
export type OwnershipRecord = z.infer<typeof OwnershipRecord>;

/** The name under which every server carries its record's nonce. */
export const NONCE_VARIABLE = 'MLX_MANAGER_SERVER';

/** One small file per running server, so that two writes never meet. */
export class OwnershipRecords {
  readonly #folder: string;
  readonly #logger: Logger;
  readonly #readBoot: () => Promise<string>;
  #boot: Promise<string> | undefined;

  constructor(folder: string, logger: Logger, boot: () => Promise<string> = readBootId) {
    this.#folder = folder;
    this.#logger = logger;
    this.#readBoot = boot;
  }

  /** It cannot change while this process lives. */
  #bootId(): Promise<string> {
    this.#boot ??= this.#readBoot();
    return this.#boot;
  }

  /** Durable when it resolves: written, synced and renamed. */
  async write(record: OwnershipRecord): Promise<void> {
    const stamped = { ...record, boot: await this.#bootId() };
    await writeFileDurably(this.#file(record.profileId), JSON.stringify(stamped));
  }

  /** Of these, what ran when the machine went down: of an earlier boot, and not left running on purpose. */
  async ofCrashedMachine(records: readonly OwnershipRecord[]): Promise<OwnershipRecord[]> {
    const boot = await this.#bootId();
    return records.filter(
      (record) => record.boot && boot && record.boot !== boot && record.released !== true,
    );
  }

  async remove(profileId: string): Promise<void> {
    await rm(this.#file(profileId), { force: true });
  }

  /**
   * Every readable record; an unreadable one is reported, never guessed at.
   * @throws the system's error when the folder cannot be listed.
   */
  async readAll(): Promise<OwnershipRecord[]> {
    const names = await namesIn(this.#folder);
    const records: OwnershipRecord[] = [];
    for (const name of names.filter((file) => file.endsWith('.server.json'))) {
      const file = path.join(this.#folder, name);
      try {
        records.push(OwnershipRecord.parse(JSON.parse(await readFile(file, 'utf8'))));
      } catch (error) {
        this.#logger.warn(`The record of a running server cannot be read: ${file}`, {
          error: String(error),
        });
      }
    }
    return records;
  }

  #file(profileId: string): string {
    return path.join(this.#folder, `${profileId}.server.json`);
  }
}
