import type { ServerProfile } from '@shared/domain/profile';
import type { Server } from '@shared/domain/server';
import { isActive, isServing } from '@shared/domain/server-state';
import type { StartupEntry, StartupReport } from '@shared/domain/startup';
import { DomainError } from '@shared/errors';
import { noRoomToStart } from '../failures/run-failures';
import type { Clock, Logger } from '../ports';
import { Background } from '../ports/background';
import type { Deadline } from '../ports/deadline';

export interface StartupOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Opened by the system at login. */
  readonly atLogin: boolean;
  readonly server: (profileId: string) => Server;
  readonly start: (profileId: string) => Promise<unknown>;
  readonly publish: (report: StartupReport | null) => void;
}

/** What a start of the manager finds. */
export interface Beginning {
  /** Profiles that start with the application, in the person's order. */
  readonly wanted: readonly Pick<ServerProfile, 'id' | 'name'>[];
  /** Names of the servers that ran when the machine went down without warning. */
  readonly ranAtCrash: readonly string[];
}

/**
 * Starts the profiles that are to run whenever the application does, one after the other, so that two loads
 * do not fight for memory, and keeps a report of what became of each.
 *
 * After the machine went down under running servers nothing is started: a model that takes the machine down
 * would do so again at every login. A person starts them with {@link release}.
 */
export class Startup {
  readonly #options: StartupOptions;
  readonly #began = new Map<string, number>();
  readonly #waiters = new Set<() => void>();
  readonly #background: Background;
  #report: StartupReport | null = null;
  #ended = false;

  constructor(options: StartupOptions) {
    this.#options = options;
    this.#background = new Background(options.logger);
  }

  get report(): StartupReport | null {
    return this.#report;
  }

  /** Returns at once; the starts go on in the background. */
  begin({ wanted, ranAtCrash }: Beginning): void {
    if (wanted.length === 0) return;
    const running = (id: string): boolean => isActive(this.#options.server(id).state);
    const isHeld = ranAtCrash.length > 0;
    const entries = wanted.map(({ id, name }): StartupEntry => {
      const state = running(id) ? 'taken-over' : isHeld ? 'held' : 'waiting';
      return { profileId: id, name, state };
    });
    this.#set({
      time: new Date(this.#options.clock.now()).toISOString(),
      atLogin: this.#options.atLogin,
      ...(isHeld ? { heldBecauseOf: [...ranAtCrash] } : {}),
      entries,
    });
    if (isHeld) {
      this.#options.logger.warn('The machine went down while servers ran; nothing is started', {
        ran: ranAtCrash.join(', '),
      });
      return;
    }
    this.#background.run('start the profiles of this start', () => this.#startWaiting());
  }

  /** Starts what was held. */
  release(): void {
    if (!this.#report?.heldBecauseOf) return;
    const { heldBecauseOf: _, ...rest } = this.#report;
    const entries = rest.entries.map(
      (entry): StartupEntry => (entry.state === 'held' ? { ...entry, state: 'waiting' } : entry),
    );
    this.#set({ ...rest, entries });
    this.#background.run('start the profiles of this start', () => this.#startWaiting());
  }

  /** The person has seen it. Starts that are due go on. */
  dismiss(): void {
    if (this.#report === null) return;
    // What still waits is started without being shown.
    const waiting = this.#report.entries.filter((entry) => entry.state === 'waiting');
    this.#set(null);
    const ids = waiting.map((entry) => entry.profileId);
    this.#background.run('start the rest of the profiles', () => this.#startAll(ids));
  }

  /** A server has changed: so may its line. */
  serverChanged(server: Server): void {
    for (const wake of [...this.#waiters]) wake();
    const entry = this.#report?.entries.find((one) => one.profileId === server.profileId);
    if (!this.#report || !entry) return;
    const next = this.#entryAfter(entry, server);
    if (JSON.stringify(next) === JSON.stringify(entry)) return;
    const entries = this.#report.entries.map((one) => (one === entry ? next : one));
    this.#set({ ...this.#report, entries });
  }

  /** A profile is gone: so is its line. */
  forget(profileId: string): void {
    if (!this.#report?.entries.some((entry) => entry.profileId === profileId)) return;
    const entries = this.#report.entries.filter((entry) => entry.profileId !== profileId);
    this.#set(entries.length === 0 ? null : { ...this.#report, entries });
  }

  /** The manager is quitting: nothing more is started. */
  end(): void {
    this.#ended = true;
    for (const wake of [...this.#waiters]) wake();
  }

  /** Once servers are started no more: resolves when nothing is under way. */
  async settled(deadline: Deadline): Promise<void> {
    await this.#background.stop(deadline);
  }

  #entryAfter(entry: StartupEntry, server: Server): StartupEntry {
    const { profileId } = entry;
    const name = server.name;
    // Once it was ready or failed, what happens later belongs to the server's own page.
    if (entry.state === 'ready' || entry.state === 'taken-over') return { ...entry, name };
    const began = this.#began.get(profileId);
    if (isServing(server.state)) {
      const seconds = began === undefined ? undefined : this.#secondsSince(began);
      return { profileId, name, state: 'ready', ...(seconds === undefined ? {} : { seconds }) };
    }
    if (server.state === 'failed' || server.state === 'stuck' || server.state === 'backoff') {
      const { failure } = server;
      return { profileId, name, state: 'failed', ...(failure ? { failure } : {}) };
    }
    if (isActive(server.state)) return { profileId, name, state: 'starting' };
    if (server.refusal) {
      const failure = noRoomToStart(profileId, server.refusal);
      return { profileId, name, state: 'failed', failure };
    }
    return entry.state === 'starting' || entry.state === 'failed'
      ? { profileId, name, state: 'stopped' }
      : { ...entry, name };
  }

  #secondsSince(began: number): number {
    return Math.round((this.#options.clock.monotonic() - began) / 100) / 10;
  }

  async #startWaiting(): Promise<void> {
    for (;;) {
      const next = this.#report?.entries.find((entry) => entry.state === 'waiting');
      if (!next || this.#ended) return;
      await this.#startOne(next.profileId);
    }
  }

  async #startAll(profileIds: readonly string[]): Promise<void> {
    for (const profileId of profileIds) {
      if (this.#ended) return;
      await this.#startOne(profileId);
    }
  }

  async #startOne(profileId: string): Promise<void> {
    this.#began.set(profileId, this.#options.clock.monotonic());
    try {
      await this.#options.start(profileId);
      await this.#settled(profileId);
    } catch (error) {
      // Its line says so already.
      const entry = this.#report?.entries.find((one) => one.profileId === profileId);
      const isRefused = error instanceof DomainError && error.code === 'does_not_fit';
      if (isRefused && entry?.state === 'failed') return;
      // The profile was deleted or the manager quits: its line must not wait for ever.
      this.#options.logger.warn('A profile could not be started with the application', {
        profileId,
        error: String(error),
      });
      this.forget(profileId);
    }
  }

  /** Until the server is ready or has given up or was stopped; the next may have the memory then. */
  async #settled(profileId: string): Promise<void> {
    while (!this.#ended) {
      const { state } = this.#options.server(profileId);
      if (state !== 'queued' && state !== 'starting' && state !== 'loading') return;
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#waiters.delete(wake);
          resolve();
        };
        this.#waiters.add(wake);
      });
    }
  }

  #set(report: StartupReport | null): void {
    this.#report = report;
    this.#options.publish(report);
  }
}
