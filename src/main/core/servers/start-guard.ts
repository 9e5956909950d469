import { FitReport } from '@shared/domain/memory';
import type { ServerProfile } from '@shared/domain/profile';
import type { ServerFailure, StartRefusal } from '@shared/domain/server';
import { DomainError } from '@shared/errors';

import type { Clock, Logger } from '../ports';
import { noRoomToRestart } from '../failures/run-failures';
import type { StartGate } from './start-gate';

export interface StartGuardOptions {
  readonly gate: StartGate;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Returns when it is proven stopped; rejects when it is not. */
  readonly stop: (profileId: string) => Promise<unknown>;
  /** A start was refused. */
  readonly refused: (profileId: string) => void;
}

export interface GuardedStart {
  /** With what takes the least memory. */
  readonly safeMode: boolean;
  /** Also when it does not fit. */
  readonly force: boolean;
  /** Their servers are stopped first. */
  readonly stopFirst: readonly ServerProfile[];
}

/** What happens at the gate: room is made where that is asked for, and a refusal is kept for every view. */
export class StartGuard {
  readonly #options: StartGuardOptions;
  readonly #refusals = new Map<string, StartRefusal & { readonly updatedAt: string }>();

  constructor(options: StartGuardOptions) {
    this.#options = options;
  }

  /** @throws DomainError does_not_fit: nothing was stopped; not_answering: one could not be stopped. */
  async admit(profile: ServerProfile, { safeMode, force, stopFirst }: GuardedStart): Promise<void> {
    const { gate } = this.#options;
    const without = stopFirst.map(({ id }) => id);
    try {
      if (without.length > 0 && !force) await gate.check(profile, { safeMode, without });
      await this.#stopFirst(profile, stopFirst);
      await gate.admit(profile, { safeMode, force });
    } catch (error) {
      if (isRefusal(error)) this.#keep(profile, error);
      throw error;
    }
    this.#refusals.delete(profile.id);
  }

  /** A server that ended by itself is to start again: why not, where it no longer fits. */
  async readmit(
    profile: ServerProfile,
    { safeMode }: { readonly safeMode: boolean },
  ): Promise<ServerFailure | undefined> {
    try {
      await this.#options.gate.admit(profile, { safeMode });
      return undefined;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      return noRoomToRestart(error);
    }
  }

  /** The last refused start, unless the profile is another one since. */
  refusalOf({ id, updatedAt }: ServerProfile): StartRefusal | undefined {
    const found = this.#refusals.get(id);
    if (found?.updatedAt !== updatedAt) return undefined;
    const { at, message, shortBytes } = found;
    return { at, message, shortBytes };
  }

  forget(profileId: string): void {
    this.#refusals.delete(profileId);
  }

  async #stopFirst(profile: ServerProfile, others: readonly ServerProfile[]): Promise<void> {
    const ended = await Promise.allSettled(others.map(({ id }) => this.#options.stop(id)));
    const failed = ended.flatMap((end, index) =>
      end.status === 'rejected' ? [`${others[index]?.name}: ${sentenceOf(end.reason)}`] : [],
    );
    if (failed.length === 0) return;
    const what = `${profile.name} wasn't started because not every server could be stopped.`;
    throw new DomainError('not_answering', `${what} ${failed.join(' ')}`);
  }

  #keep({ id, updatedAt }: ServerProfile, { message, data }: DomainError): void {
    const { clock, logger, refused } = this.#options;
    const shortBytes = FitReport.safeParse(data).data?.shortBytes ?? 0;
    const at = new Date(clock.now()).toISOString();
    logger.warn(message, { profileId: id });
    this.#refusals.set(id, { at, message, shortBytes, updatedAt });
    refused(id);
  }
}

function isRefusal(error: unknown): error is DomainError {
  return error instanceof DomainError && error.code === 'does_not_fit';
}

function sentenceOf(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason);
}
