import type { ServerProfile } from '@shared/domain/profile';
import type { FitReport } from '@shared/domain/memory';
import type { Server } from '@shared/domain/server';
import { isActive } from '@shared/domain/server-state';
import { messageOf } from '@shared/errors';
import type { FromDataPlane, ToDataPlane, Unavailable } from '@shared/gateway/plane';

import { sleep } from '../../ports/clock';
import { nextStep } from './answer-for';
import { drained } from './drained';
import { fitReport } from './fit-report';
import { planRoom, type Resident } from './make-room';
import type { OnDemandOptions } from './on-demand-options';
import { UsageBook } from './usage-book';
import { Waiters } from './waiters';

type Ask = Extract<FromDataPlane, { type: 'ask' }>;

/** Requests that may wait for one profile. */
export const QUEUE_LENGTH = 100;
/** Room that was taken by somebody else is planned anew after this, ms. */
const TAKEN_PAUSE_MS = 250;
/** Retry-After of a full queue, s: clients wait it out in full, so it is never long. */
const FULL_RETRY_SECONDS = 5;

/**
 * Makes profiles ready for the requests that ask for them, and unloads what nobody uses. One loop looks at what is
 * true, decides, and carries it out; whatever changes has it look again.
 */
export class OnDemand {
  readonly #options: OnDemandOptions;
  readonly #waiters = new Waiters();
  readonly #usage: UsageBook;
  /** Profiles whose servers are being unloaded, or started where others were. */
  readonly #atWork = new Set<string>();
  #isMakingRoom = false;
  #isLooking = false;
  #lookAgain = false;
  #isClosed = false;
  #cancelTimer: (() => void) | undefined;

  constructor(options: OnDemandOptions) {
    this.#options = options;
    this.#usage = new UsageBook(options.clock);
  }

  /** Requests that wait, and requests under way, of all profiles: zero when nothing is left. */
  get books(): { readonly waiting: number; readonly underWay: number } {
    return { waiting: this.#waiters.size, underWay: this.#usage.underWay };
  }

  ask({ ask, profileId, isSideCall, ttlSeconds }: Ask): void {
    if (ttlSeconds !== undefined) this.#usage.noteTtl(profileId, ttlSeconds);
    const profile = this.#options.profile(profileId);
    if (!profile || this.#isClosed) {
      const message = profile ? 'MLX Manager is quitting.' : 'This profile was deleted.';
      this.#refuse(ask, { kind: this.#isClosed ? 'quitting' : 'manual', message });
      return;
    }
    if (this.#waiters.of(profileId).length >= QUEUE_LENGTH) {
      const message = `${QUEUE_LENGTH} requests already wait for ${profile.name}. Try again later.`;
      this.#refuse(ask, { kind: 'full', message, retryAfterSeconds: FULL_RETRY_SECONDS });
      return;
    }
    const since = this.#options.clock.monotonic();
    this.#waiters.add({ ask, profileId, isSideCall, since });
    this.look();
  }

  withdraw(ask: number): void {
    if (this.#waiters.delete(ask)) this.look();
  }

  /** How many requests of a profile are under way now. */
  underWay(profileId: string, count: number): void {
    this.#usage.noteUnderWay(profileId, count);
    if (count === 0) this.look();
  }

  serverChanged(server: Server): void {
    this.#usage.noteServer(server);
    this.look();
  }

  /** The thread that held the requests is gone, and they with it. */
  forgetRequests(): void {
    this.#waiters.clear();
    this.#usage.forgetRequests();
    this.look();
  }

  /** Profiles came, went or changed. */
  profilesChanged(): void {
    this.#usage.keepOnly((profileId) => this.#options.profile(profileId) !== undefined);
    this.look();
  }

  /** Every waiter is told that the manager quits. */
  close(): void {
    this.#isClosed = true;
    this.#cancelTimer?.();
    for (const { ask } of this.#waiters.all()) {
      this.#refuse(ask, { kind: 'quitting', message: 'MLX Manager is quitting.' });
    }
    this.#waiters.clear();
  }

  /** Looks at everything anew; several calls are one look. */
  look(): void {
    this.#lookAgain = true;
    if (this.#isLooking || this.#isClosed) return;
    this.#isLooking = true;
    this.#lookUntilDone().catch((error: unknown) => this.#failed('decide what to start', error));
  }

  #failed(what: string, error: unknown): void {
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#options.logger.error(`The gateway could not ${what}`, { error: reason });
  }

  async #lookUntilDone(): Promise<void> {
    try {
      while (this.#lookAgain && !this.#isClosed) {
        this.#lookAgain = false;
        // Whatever changed in this moment belongs to one look.
        await Promise.resolve();
        await this.#once();
      }
    } finally {
      this.#isLooking = false;
    }
  }

  async #once(): Promise<void> {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    let next = Number.POSITIVE_INFINITY;
    for (const profileId of this.#waiters.profileIds()) {
      next = Math.min(next, await this.#serve(profileId));
    }
    next = Math.min(next, this.#unloadIdle());
    if (!Number.isFinite(next) || this.#isClosed) return;
    const inMs = Math.max(1, next - this.#options.clock.monotonic());
    this.#cancelTimer = this.#options.clock.setTimeout(() => this.look(), inMs);
  }

  /** @returns when it is worth looking again, by the monotonic clock. */
  async #serve(profileId: string): Promise<number> {
    const { clock } = this.#options;
    const profile = this.#options.profile(profileId);
    if (!profile) {
      this.#refuseAll(profileId, { kind: 'manual', message: 'This profile was deleted.' });
      return Number.POSITIVE_INFINITY;
    }
    const step = nextStep(
      this.#options.server(profileId),
      profile.start === 'request',
      clock.now(),
    );
    switch (step.kind) {
      case 'ready':
        for (const { ask } of this.#waiters.of(profileId))
          this.#answer(ask, { type: 'ready', ask, loadMs: this.#usage.loadMs(profileId) });
        return Number.POSITIVE_INFINITY;
      case 'unavailable':
        this.#refuseAll(profileId, step.why);
        return Number.POSITIVE_INFINITY;
      case 'wait':
        this.#tellPositions(profileId);
        return Number.POSITIVE_INFINITY;
      case 'start':
        this.#tellPositions(profileId);
        return this.#atWork.has(profileId) ? Number.POSITIVE_INFINITY : this.#start(profile);
    }
  }

  async #start(profile: ServerProfile): Promise<number> {
    try {
      await this.#options.start(profile.id, { stopFirst: [] });
      return Number.POSITIVE_INFINITY;
    } catch (error) {
      const report = fitReport(error);
      if (!report) {
        this.#refuseAll(profile.id, { kind: 'failed', message: messageOf(error) });
        return Number.POSITIVE_INFINITY;
      }
      return this.#makeRoom(profile, report, messageOf(error));
    }
  }

  async #makeRoom(profile: ServerProfile, report: FitReport, sentence: string): Promise<number> {
    const noRoom: Unavailable = { kind: 'no_room', message: sentence };
    // Nothing is unloaded for a title: it is refused, and the client does without.
    for (const { ask, isSideCall } of this.#waiters.of(profile.id)) {
      if (isSideCall) this.#answer(ask, { type: 'unavailable', ask, why: noRoom });
    }
    if (this.#waiters.of(profile.id).length === 0) return Number.POSITIVE_INFINITY;
    // One after the other: what one has freed is not planned for another.
    if (this.#isMakingRoom) return Number.POSITIVE_INFINITY;
    const plan = planRoom(report, this.#residents(), this.#options.clock.monotonic());
    if (plan.kind === 'never') {
      this.#refuseAll(profile.id, noRoom);
      return Number.POSITIVE_INFINITY;
    }
    if (plan.kind === 'wait') return plan.until ?? Number.POSITIVE_INFINITY;
    this.#isMakingRoom = true;
    this.#work([profile.id, ...plan.profileIds], async () => {
      try {
        await this.#startInstead(profile, plan.profileIds, plan.kind === 'drain');
      } finally {
        this.#isMakingRoom = false;
      }
    });
    return Number.POSITIVE_INFINITY;
  }

  /** Starts a profile after these servers have been stopped; with `waits` their answers under way end first. */
  async #startInstead(
    profile: ServerProfile,
    stopFirst: readonly string[],
    waits: boolean,
  ): Promise<void> {
    const { clock, count, logger, open, start } = this.#options;
    try {
      const { isBusy } = await this.#hold(stopFirst);
      const isWanted = () => !this.#isClosed && this.#waiters.of(profile.id).length > 0;
      if (isBusy && !(waits && (await drained(stopFirst, count, isWanted, clock)))) return;
      logger.info('Servers are unloaded for a request', { for: profile.id, unloaded: stopFirst });
      await start(profile.id, { stopFirst });
      return;
    } catch (error) {
      if (!fitReport(error)) {
        this.#refuseAll(profile.id, { kind: 'failed', message: messageOf(error) });
        return;
      }
    } finally {
      for (const id of stopFirst) open(id);
    }
    // What was free a moment ago was taken by somebody else: it is planned anew.
    await sleep(clock, TAKEN_PAUSE_MS);
  }

  /** Does what takes long beside the loop; nothing else is decided about these profiles until it is done. */
  #work(profileIds: readonly string[], work: () => Promise<void>): void {
    for (const id of profileIds) this.#atWork.add(id);
    work()
      .catch((error: unknown) => this.#failed('start or unload a server', error))
      .finally(() => {
        for (const id of profileIds) this.#atWork.delete(id);
        this.look();
      });
  }

  /** Holds new requests of these at the door; a request that came in before that is not ended. */
  async #hold(profileIds: readonly string[]): Promise<{ readonly isBusy: boolean }> {
    const counts = await Promise.all(profileIds.map((id) => this.#options.shut(id)));
    return { isBusy: counts.some((count) => count > 0) };
  }

  /** Stops servers that nobody asked for longer than their limit. @returns when the next one is due. */
  #unloadIdle(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const resident of this.#residents()) {
      const profile = this.#options.profile(resident.profileId);
      const ttlMs = profile && this.#usage.ttlMs(profile);
      if (ttlMs === undefined || !resident.isServing || resident.isPinned) continue;
      if (resident.wanted > 0) continue;
      const due = resident.lastUsedAt + ttlMs;
      if (due > this.#options.clock.monotonic()) {
        next = Math.min(next, due);
        continue;
      }
      this.#work([resident.profileId], () => this.#unload(resident.profileId, ttlMs));
    }
    return next;
  }

  async #unload(profileId: string, ttlMs: number): Promise<void> {
    const { logger } = this.#options;
    try {
      if ((await this.#options.shut(profileId)) > 0) return;
      logger.info('A server that nobody used is unloaded', {
        profileId,
        afterSeconds: ttlMs / 1000,
      });
      await this.#options.stop(profileId);
    } catch (error) {
      logger.warn('A server that nobody uses could not be unloaded', {
        profileId,
        error: String(error),
      });
    } finally {
      this.#options.open(profileId);
    }
  }

  #residents(): Resident[] {
    return this.#options.servers().flatMap((server): Resident[] => {
      const profile = this.#options.profile(server.profileId);
      // One that is about to start has its memory already.
      if (!profile || !isActive(server.state)) return [];
      const resident = this.#usage.resident(profile, server, this.#waiters.of(profile.id).length);
      const isAtWork = this.#atWork.has(profile.id);
      return [isAtWork ? { ...resident, isServing: false, isEnding: true } : resident];
    });
  }

  #tellPositions(profileId: string): void {
    const loadMs = this.#usage.loadMs(profileId);
    const expectedSeconds = loadMs === undefined ? undefined : Math.ceil(loadMs / 1000);
    for (const [index, waiter] of this.#waiters.of(profileId).entries()) {
      const position = index + 1;
      const told = `${position} ${expectedSeconds}`;
      if (waiter.told === told) continue;
      waiter.told = told;
      this.#options.tell({ type: 'waiting', ask: waiter.ask, position, expectedSeconds });
    }
  }

  #answer(ask: number, message: ToDataPlane): void {
    this.#waiters.delete(ask);
    this.#options.tell(message);
  }

  #refuse(ask: number, why: Unavailable): void {
    this.#answer(ask, { type: 'unavailable', ask, why });
  }

  #refuseAll(profileId: string, why: Unavailable): void {
    for (const { ask } of this.#waiters.of(profileId)) this.#refuse(ask, why);
  }
}
