import type { ContextFit, FitEstimate, FitReport } from '@shared/domain/memory';
import { doesNotFit } from '@shared/domain/memory-labels';
import type { ServerProfile } from '@shared/domain/profile';
import { isServing, type ServerState } from '@shared/domain/server-state';
import { DomainError } from '@shared/errors';
import { makeAction } from '@shared/errors/action';

import type { Clock, Logger, MachineMemory } from '../ports';
import { type Budget, budgetOf, countedBytes, type ServerMemory } from './budget';
import type { LearnedPeaks } from './learned-peaks';
import { chooseToStop, contextsToShow, longestContext, stoppableServers } from './make-room';
import type { ProfileFits, ProfileNeed } from './profile-fits';
import type { WorkWatch } from './work-watch';

/** A server that has a process or is about to. */
export interface RunningServer {
  readonly profileId: string;
  readonly name: string;
  readonly state: ServerState;
  /** ISO 8601 time at which it entered the state. */
  readonly since: string;
  readonly measured: number | undefined;
}

export interface AdmissionOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly fits: ProfileFits;
  readonly learned: LearnedPeaks;
  readonly work: WorkWatch;
  /** As it was measured last. */
  readonly memory: () => MachineMemory;
  /** Measures the machine and the servers, at one moment. */
  readonly measure: () => Promise<unknown>;
  readonly servers: () => readonly RunningServer[];
  /** Bytes; 0: none. */
  readonly ownLimit: () => number;
}

/** What a server was admitted with. */
interface Reservation {
  readonly digest: string | undefined;
  readonly needs: number | undefined;
}

export interface AdmitOptions {
  readonly safeMode?: boolean;
  readonly force?: boolean;
}

/** A model that is this long is asked about no further, where its config does not tell. */
const LONGEST = 131_072;

/**
 * Lets a server start only where its memory is free, and reserves it in the same step: two starts at
 * once cannot both have the same bytes. Holds for each server what it was admitted with until its process
 * is gone.
 */
export class Admission {
  readonly #options: AdmissionOptions;
  readonly #reserved = new Map<string, Reservation>();

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  /** Reserves what the profile needs; one that has its memory already keeps it. @throws DomainError does_not_fit. */
  async admit(
    profile: ServerProfile,
    { safeMode = false, force = false }: AdmitOptions = {},
  ): Promise<void> {
    if (this.#reserved.has(profile.id)) return;
    const need = await this.#look(profile, safeMode);
    // From here on nothing waits: what is free now is free still when it is reserved.
    if (this.#reserved.has(profile.id)) return;
    if (!need) {
      this.#reserved.set(profile.id, { digest: undefined, needs: undefined });
      return;
    }
    const { total, verdict } = this.#estimate(need);
    if (verdict === 'no' && !force) throw this.#refusal(profile, need);
    this.#reserved.set(profile.id, { digest: need.digest, needs: total });
  }

  /**
   * Whether it would be admitted if these servers were not there; nothing is reserved.
   * @throws DomainError does_not_fit.
   */
  async check(
    profile: ServerProfile,
    { safeMode = false, without }: { safeMode?: boolean; without: readonly string[] },
  ): Promise<void> {
    const need = await this.#look(profile, safeMode);
    if (!need || this.#estimate(need, without).verdict !== 'no') return;
    throw this.#refusal(profile, need);
  }

  /** Its process is gone. */
  release(profileId: string): void {
    this.#reserved.delete(profileId);
  }

  /** A server that an earlier manager started, with the settings that its profile has still. */
  async adopted(profile: ServerProfile): Promise<void> {
    const need = await this.#options.fits.need(profile);
    if (!need || this.#reserved.has(profile.id)) return;
    this.#reserved.set(profile.id, { digest: need.digest, needs: this.#estimate(need).total });
  }

  /** What the server was admitted with, for who measures it; undefined where that is not known. */
  digestOf(profileId: string): string | undefined {
    return this.#reserved.get(profileId)?.digest;
  }

  /** The limit and what is in use of it now, as last measured. */
  budget(without: readonly string[] = []): Budget {
    const { memory, ownLimit } = this.#options;
    return budgetOf(memory(), ownLimit(), this.#serverMemory(), new Set(without));
  }

  /** What the profile needs beside what runs now, and every way to make it fit; null where nobody can tell. */
  async report(profile: ServerProfile): Promise<FitReport | null> {
    const need = await this.#options.fits.need(profile);
    return need ? this.#report(need) : null;
  }

  async #look(profile: ServerProfile, safeMode: boolean): Promise<ProfileNeed | undefined> {
    const need = await this.#options.fits.need(profile, { safeMode });
    try {
      if (need) await this.#options.measure();
    } catch (error) {
      // What was measured last is seconds old at most.
      this.#options.logger.warn('Memory could not be measured before a start', {
        error: String(error),
      });
    }
    return need;
  }

  /** Its own process does not count: it ends before another one begins. */
  #estimate(need: ProfileNeed, without: readonly string[] = []): FitEstimate {
    return this.#options.fits.estimate(need, this.budget([need.profileId, ...without]));
  }

  #refusal({ id, name }: ServerProfile, need: ProfileNeed): DomainError {
    const report = this.#report(need);
    return new DomainError('does_not_fit', doesNotFit(name, report), {
      action: makeAction('make_room', { profileId: id }),
      data: report,
    });
  }

  #report(need: ProfileNeed): FitReport {
    const budget = this.budget([need.profileId]);
    const { fits } = this.#options;
    const fit = fits.estimate(need, budget);
    const shortBytes = Math.max(0, fit.total - (budget.limit - budget.inUse));
    const stoppable = stoppableServers(this.#candidates(need.profileId), shortBytes);
    const at = (context: number): ContextFit => contextFit(fits.atContext(need, budget, context));
    const most = need.model.shape?.contextLength ?? Math.max(LONGEST, fit.context);
    const lowered = fits.lowered(need, budget);
    const longest = need.hasContext ? longestContext(at, most) : undefined;
    return {
      fit,
      shortBytes,
      stoppable,
      toStop: chooseToStop(stoppable, shortBytes),
      contexts: (need.hasContext ? contextsToShow(fit.context, longest) : [fit.context]).map(at),
      ...(longest === undefined ? {} : { longestContext: longest }),
      ...(lowered ? { safeMode: contextFit(lowered) } : {}),
    };
  }

  #candidates(profileId: string) {
    const { servers, work } = this.#options;
    const memory = new Map(this.#serverMemory().map((one) => [one.profileId, one]));
    return servers()
      .filter(({ state }) => CAN_BE_STOPPED.has(state))
      .flatMap(({ profileId: id, name, state, since }) => {
        const counts = memory.get(id);
        if (id === profileId || !counts) return [];
        const busy = !isServing(state) || work.isBusy(id);
        const lastWork = work.lastWorkedAt(id);
        const idleSince = lastWork === undefined ? since : laterOf(since, this.#wallTime(lastWork));
        return [
          {
            ...{ profileId: id, name, state, busy },
            freesBytes: countedBytes(counts),
            ...(busy ? {} : { idleSince }),
          },
        ];
      });
  }

  /** Unix ms of a moment of the monotonic clock. */
  #wallTime(at: number): number {
    const { clock } = this.#options;
    return clock.now() - (clock.monotonic() - at);
  }

  /** Every server that has memory, and every start that was admitted and has no process yet. */
  #serverMemory(): ServerMemory[] {
    const { servers, learned, fits } = this.#options;
    const running = servers();
    const known = new Set(running.map(({ profileId }) => profileId));
    const coming = [...this.#reserved.keys()]
      .filter((id) => !known.has(id))
      .map((profileId) => ({ profileId, state: 'queued' as const, measured: undefined }));
    return [...running, ...coming].map(({ profileId, state, measured }) => {
      const reservation = this.#reserved.get(profileId);
      const digest = reservation?.digest;
      return {
        ...{ profileId, state, measured },
        needs: reservation ? reservation.needs : fits.needsOf(profileId),
        learned: digest === undefined ? undefined : learned.get(profileId, digest),
      };
    });
  }
}

/** Not what ends already, nor what cannot be ended. */
const CAN_BE_STOPPED: ReadonlySet<ServerState> = new Set<ServerState>([
  ...(['queued', 'starting', 'loading', 'ready', 'degraded'] as const),
]);

function laterOf(since: string, lastWorkMs: number): string {
  return new Date(Math.max(Date.parse(since), lastWorkMs)).toISOString();
}

function contextFit(fit: FitEstimate): ContextFit {
  const { context, parts, learnedPeak, total, limit, inUse, verdict } = fit;
  return {
    ...{ context, parts, total, verdict },
    leftOver: limit - inUse - total,
    ...(learnedPeak === undefined ? {} : { learnedPeak }),
  };
}
