import { randomUUID } from 'node:crypto';

import { DomainError } from '@shared/errors';

import type { Clock, Logger } from '../../ports';
import type { Processes } from '../../ports/processes';
import { readBootId } from '../../processes/boot-id';
import { isSameProcess } from '../../processes/identity';
import { type StopOutcome, stopTree } from '../../processes/stop-tree';
import { writeError } from '../../storage/write-error';
import type { ToolRecord, ToolRecords } from './tool-records';

/** The name under which each tool carries its record's nonce. */
export const TOOL_MARK = 'MLX_MANAGER_TOOL';

/** What is said of a tool before it is started. */
export interface ToolPurpose {
  /** What it does, for people: `uv pip sync`. */
  readonly what: string;
  readonly job?: string | undefined;
  /** A folder that it writes to, which must stay while it lives. */
  readonly folder?: string | undefined;
  /** What its processes carry in their environment, where that is decided elsewhere. */
  readonly mark?: ToolRecord['mark'] | undefined;
}

/** One tool, from before it is started until it is proven gone. */
export interface OwnedTool {
  /** To be put into its environment. */
  readonly mark: ToolRecord['mark'];
  /** It runs as this process. */
  began(process: NonNullable<ToolRecord['process']>): Promise<void>;
  /** It was proven gone, or never began. */
  ended(): Promise<void>;
  /** It was to end, and there is no proof that it did: it is tried again until there is. */
  left(reason: string): void;
}

/** A tool was not started, because it could not be put on record: that says nothing about the tool. */
export class ToolRecordError extends DomainError {
  constructor({ code, message, cause }: DomainError) {
    super(code, message, { cause });
    this.name = 'ToolRecordError';
  }
}

export interface OwnedToolsOptions {
  readonly records: ToolRecords;
  readonly processes: Processes;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Whether this process holds the data folder; without it, nothing is written there. */
  readonly mayWrite: () => boolean;
  /** One more is left, which {@link OwnedTools.endLeft} tries again. */
  readonly onLeft: () => void;
  readonly readBoot?: () => Promise<string>;
}

/** Between SIGTERM and SIGKILL: an installer has nothing that it must save, ms. */
export const TOOL_GRACE_MS = 1000;
/** How long one attempt goes on asking what is left, ms. */
const PATIENCE_MS = 2000;

interface Left {
  readonly record: ToolRecord;
  readonly reason: string;
}

/**
 * The tools that this program starts: each is on record while it lives, so that what a dead manager has left is
 * found and ended by the next one.
 */
export class OwnedTools {
  readonly #options: OwnedToolsOptions;
  readonly #left = new Map<string, Left>();
  #self: Promise<ToolRecord['manager']> | undefined;
  #boot: Promise<string> | undefined;

  constructor(options: OwnedToolsOptions) {
    this.#options = options;
  }

  /**
   * Puts a tool on record. Durable when it resolves.
   * @throws ToolRecordError when the record cannot be written.
   */
  async own({ what, job, folder, mark }: ToolPurpose): Promise<OwnedTool> {
    const { clock } = this.#options;
    let record: ToolRecord = {
      mark: mark ?? { name: TOOL_MARK, value: randomUUID() },
      what,
      job,
      folder,
      manager: await this.manager(),
      boot: await this.#bootId(),
      startedAt: new Date(clock.now()).toISOString(),
    };
    await this.#write(record);
    return {
      mark: record.mark,
      began: async (process) => {
        record = { ...record, process };
        await this.#write(record);
      },
      ended: () => this.#forget(record),
      left: (reason) => {
        this.#left.set(record.mark.value, { record, reason });
        this.#options.onLeft();
      },
    };
  }

  /** Ends a tool and all that it started: SIGTERM, SIGKILL, proof. */
  end(record: Pick<ToolRecord, 'mark' | 'process'>, wasWatched: boolean): Promise<StopOutcome> {
    const { processes, clock } = this.#options;
    // Without an identity only the mark tells what is ours; no process has the number 0.
    const root = record.process ?? { pid: 0, pgid: 0, startTime: '' };
    const target = { ...root, mark: record.mark, seen: [], wasWatched };
    return stopTree(target, {
      ...{ processes, clock },
      graceMs: TOOL_GRACE_MS,
      patienceMs: PATIENCE_MS,
    });
  }

  /** Takes over the records of managers that are gone; their tools are ended by {@link endLeft}. */
  async recover(): Promise<void> {
    const [boot, me] = await Promise.all([this.#bootId(), this.manager()]);
    for (const record of await this.#options.records.readAll()) {
      if (isSameProcess(record.manager, me)) continue;
      // Nothing outlives a restart of the machine.
      const isOfEarlierBoot = boot !== '' && record.boot !== '' && record.boot !== boot;
      if (isOfEarlierBoot) await this.#forget(record);
      else this.#left.set(record.mark.value, { record, reason: 'it was not looked for yet' });
    }
  }

  /** Why a folder must stay: what may still write to it. */
  heldBy(folder: string): string | undefined {
    const left = [...this.#left.values()].find(({ record }) => record.folder === folder);
    return left && sentenceOf(left);
  }

  /** Whether everything that was started is proven gone, apart from what runs now. */
  get isClear(): boolean {
    return this.#left.size === 0;
  }

  /** Tries once to end each tool that may be left. */
  async endLeft(): Promise<void> {
    await Promise.all([...this.#left.values()].map((left) => this.#endOne(left.record)));
  }

  async #endOne(record: ToolRecord): Promise<void> {
    const { processes, logger } = this.#options;
    const keep = (reason: string): void => {
      this.#left.set(record.mark.value, { record, reason });
    };
    const manager = await processes.read(record.manager.pid);
    if (!manager.known) return keep(manager.reason);
    // Another manager that is about to quit ends it itself.
    const isOthers = isSameProcess(record.manager, manager.value) && manager.value?.state !== 'Z';
    if (isOthers && record.manager.pid !== process.pid) return keep('its manager is still there');
    const outcome = await this.end(record, false);
    if (outcome.kind === 'gone') {
      logger.info(`An earlier ${record.what} is gone`, { killed: outcome.killed });
      return this.#forget(record);
    }
    const reason = reasonOfOutcome(outcome);
    logger.warn(`An earlier ${record.what} could not be ended: ${reason}`);
    keep(reason);
  }

  async #write(record: ToolRecord): Promise<void> {
    const { mayWrite, records } = this.#options;
    if (!mayWrite()) return;
    await records.write(record).catch((error: unknown) => {
      throw new ToolRecordError(writeError(records.folder, error));
    });
  }

  async #forget(record: ToolRecord): Promise<void> {
    this.#left.delete(record.mark.value);
    if (this.#options.mayWrite()) await this.#options.records.remove(record);
  }

  /** This process. It does not change while it lives; what could not be told is asked again. */
  async manager(): Promise<ToolRecord['manager']> {
    this.#self ??= this.#readSelf();
    const self = await this.#self;
    if (self.startTime === '') this.#self = undefined;
    return self;
  }

  async #readSelf(): Promise<ToolRecord['manager']> {
    const seen = await this.#options.processes.read(process.pid);
    const startTime = seen.known ? (seen.value?.startTime ?? '') : '';
    return { pid: process.pid, startTime };
  }

  #bootId(): Promise<string> {
    const { readBoot = readBootId } = this.#options;
    this.#boot ??= readBoot();
    return this.#boot;
  }
}

/** Why there is no proof of an end. */
export function reasonOfOutcome(outcome: Exclude<StopOutcome, { kind: 'gone' }>): string {
  if (outcome.kind === 'unknown') return `can't tell what is left of it (${outcome.reason})`;
  const pids = outcome.survivors.map(({ pid }) => pid).join(', ');
  return `the system can't end process ${pids}`;
}

function sentenceOf({ record, reason }: Left): string {
  return `${record.what} may still be working in it: ${reason}.`;
}
