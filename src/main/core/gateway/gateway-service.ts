import type { GatewayName } from '@shared/domain/gateway-name';
import type { GatewayStatus } from '@shared/domain/gateway-status';
import type { Server } from '@shared/domain/server';
import type { FromDataPlane, ToDataPlane } from '@shared/gateway/plane';

import { type DataPlaneThread, startDataPlane } from './data-plane-thread';
import { drained, orAfter } from './demand/drained';
import { OnDemand } from './demand/on-demand';
import type { GatewayOptions } from './gateway-options';
import { type NotListening, notListening } from './not-listening';

/** A thread that ended by itself is started again after so long, ms, each time longer. */
const RESTART_MS = [100, 500, 2000, 10_000];
/** A thread that ran so long is a new one's first. */
const RAN_WELL_MS = 60_000;
/** A thread that does not say that it is closed gets so much more than it was given, ms. */
const DEAF_MS = 1000;
const HOSTS = ['127.0.0.1', '::1'];

/** The gateway's control plane: its thread, its state, and what the thread asks for. */
export class GatewayService {
  readonly #options: GatewayOptions;
  readonly #demand: OnDemand;
  readonly #shutting = new Map<string, PromiseWithResolvers<number>>();
  /** How many want each profile's door shut: it is opened when the last one no longer does. */
  readonly #holders = new Map<string, number>();
  #thread: DataPlaneThread | undefined;
  #startedAt = 0;
  #failures = 0;
  #version = 0;
  #isDirty = false;
  #status: GatewayStatus = { state: 'off', url: null, port: 0 };
  #closing: PromiseWithResolvers<void> | undefined;
  #cancelRestart: (() => void) | undefined;
  #listening: string | undefined;
  /** Counts what the thread was told to listen on. */
  #attempt = 0;
  /** Those who want to hear what becomes of the next try to listen. */
  #tries: PromiseWithResolvers<void>[] = [];

  constructor(options: GatewayOptions) {
    this.#options = options;
    this.#demand = new OnDemand({
      ...options,
      shut: (profileId) => this.#shut(profileId),
      count: (profileId) => this.#ask(profileId),
      open: (profileId) => this.#open(profileId),
      tell: (message) => {
        // What is ready is so with the address that the thread knows by then.
        this.#sendDirectory();
        this.#thread?.send(message);
      },
    });
  }

  get status(): GatewayStatus {
    return this.#status;
  }

  /** What programs can ask for, as the lists of models tell it. */
  get names(): GatewayName[] {
    return this.#options.targets().map(({ profileId, name, aliases, contextLength }) => ({
      ...{ profileId, name, aliases: [...aliases] },
      ...(contextLength !== undefined && { contextLength }),
    }));
  }

  /** Requests that wait and that are under way, as the control plane counts them. */
  get books(): OnDemand['books'] {
    return this.#demand.books;
  }

  /** Listens where the settings say; a port that is taken is told as the failure, and nothing else is tried. */
  start(): void {
    this.#apply();
  }

  /** The settings or the names changed. */
  changed(): void {
    this.#apply();
    this.#directoryChanged();
    this.#demand.profilesChanged();
  }

  /** Tries again after a failure, e.g. when the port is free now. @returns what became of it. */
  async retry(): Promise<GatewayStatus> {
    // One that listens has streams under way, which listening anew would cut.
    if (this.#status.state !== 'failed') return this.#status;
    const tried = Promise.withResolvers<void>();
    this.#tries.push(tried);
    this.#listening = undefined;
    this.#apply();
    await tried.promise;
    return this.#status;
  }

  serverChanged(server: Server): void {
    this.#directoryChanged();
    this.#demand.serverChanged(server);
  }

  /**
   * Carries something out that ends a profile's server while no new request reaches it: those that come wait at the
   * door, and those under way get so long to end first.
   */
  async whileShut<T>(profileId: string, waitMs: number, work: () => Promise<T>): Promise<T> {
    const { clock } = this.#options;
    const held = this.#shut(profileId);
    try {
      // Where nothing is waited for it begins in this very moment: a start that is asked for next must find it begun.
      if (waitMs > 0 && this.#thread) {
        const until = clock.monotonic() + waitMs;
        const isInTime = () => clock.monotonic() < until;
        const free = held.then(() => drained([profileId], (id) => this.#ask(id), isInTime, clock));
        // A thread that does not answer holds up nobody for longer either.
        await orAfter(free, waitMs, clock);
      }
      return await work();
    } finally {
      this.#open(profileId);
    }
  }

  /** Waiting requests are refused, those under way get this long, and the thread is gone when it resolves. */
  async stop(withinMs: number): Promise<void> {
    this.#cancelRestart?.();
    this.#demand.close();
    this.#closing = Promise.withResolvers();
    this.#settleTries();
    const thread = this.#thread;
    if (!thread) return;
    thread.send({ type: 'close', withinMs });
    // A thread that does not even hear this is ended all the same.
    const cancel = this.#options.clock.setTimeout(this.#closing.resolve, withinMs + DEAF_MS);
    await this.#closing.promise;
    cancel();
    this.#thread = undefined;
    await thread.terminate();
  }

  #apply(): void {
    const { gatewayEnabled, gatewayPort } = this.#options.settings();
    if (this.#closing) {
      this.#settleTries();
      return;
    }
    if (!gatewayEnabled) {
      this.#cancelRestart?.();
      this.#cancelRestart = undefined;
      this.#endThread();
      this.#setStatus({ state: 'off', url: null, port: gatewayPort });
      this.#settleTries();
      return;
    }
    if (this.#cancelRestart) return;
    this.#thread ??= this.#startThread();
    const wanted = `${gatewayPort}`;
    if (this.#listening === wanted) return;
    this.#listening = wanted;
    this.#attempt += 1;
    // An address that was told once stays, also one that the system chose.
    const port = gatewayPort === 0 ? this.#status.port : gatewayPort;
    this.#setStatus({ state: 'starting', url: null, port });
    this.#thread.send({ type: 'listen', listening: { port, hosts: HOSTS } });
  }

  #startThread(): DataPlaneThread {
    this.#startedAt = this.#options.clock.monotonic();
    const thread = startDataPlane(
      {
        // What a thread still says after its end was decided concerns requests that are gone.
        onMessage: (message) => {
          if (this.#thread === thread) this.#take(message);
        },
        onEnd: (error) => this.#ended(thread, error),
      },
      this.#options.version,
    );
    this.#listening = undefined;
    this.#isDirty = true;
    this.#thread = thread;
    this.#sendDirectory();
    // What an earlier thread held is held by this one.
    for (const profileId of this.#holders.keys()) thread.send({ type: 'shut', profileId });
    return thread;
  }

  #endThread(): void {
    const thread = this.#thread;
    this.#thread = undefined;
    this.#listening = undefined;
    if (!thread) return;
    this.#settleShut();
    this.#demand.forgetRequests();
    thread.terminate().catch((error: unknown) =>
      this.#options.logger.warn('The gateway thread could not be ended', {
        error: String(error),
      }),
    );
  }

  #ended(thread: DataPlaneThread, error: Error | undefined): void {
    this.#closing?.resolve();
    if (this.#thread !== thread) return;
    this.#thread = undefined;
    this.#listening = undefined;
    this.#settleShut();
    this.#settleTries();
    this.#demand.forgetRequests();
    if (this.#closing) return;
    this.#setStatus({ state: 'starting', url: null, port: this.#status.port });
    const ranMs = this.#options.clock.monotonic() - this.#startedAt;
    this.#failures = ranMs > RAN_WELL_MS ? 0 : this.#failures + 1;
    const waitMs = RESTART_MS[Math.min(this.#failures, RESTART_MS.length - 1)] ?? 0;
    this.#options.logger.error('The gateway ended unexpectedly and is started again', {
      error: error?.stack ?? String(error),
      waitMs,
    });
    this.#options.notices.add(
      'problem',
      'The gateway stopped because of a defect and was started again. Requests that were under way were cut off. The log of MLX Manager has the details.',
    );
    this.#cancelRestart = this.#options.clock.setTimeout(() => {
      this.#cancelRestart = undefined;
      this.#apply();
    }, waitMs);
  }

  #take(message: FromDataPlane): void {
    switch (message.type) {
      case 'listening':
        this.#setStatus({
          state: 'listening',
          url: `http://127.0.0.1:${message.port}`,
          port: message.port,
        });
        // Its own names have the port in them.
        this.#directoryChanged();
        this.#settleTries();
        break;
      case 'notListening':
        this.#failedToListen(message).catch((error: unknown) => {
          this.#options.logger.error("Can't tell who holds the port of the gateway", {
            error: String(error),
          });
          this.#settleTries();
        });
        break;
      case 'ask':
        this.#demand.ask(message);
        break;
      case 'withdraw':
        this.#demand.withdraw(message.ask);
        break;
      case 'shut':
        this.#shutting.get(message.profileId)?.resolve(message.underWay);
        this.#shutting.delete(message.profileId);
        break;
      case 'underWay':
        this.#demand.underWay(message.profileId, message.count);
        break;
      case 'metrics':
        this.#thread?.send({ ...message, text: this.#options.metricsText() });
        break;
      case 'records':
        this.#options.takeRecords(message.records);
        break;
      case 'log':
        this.#options.logger[message.level](message.message, message.data);
        break;
      case 'closed':
        this.#closing?.resolve();
        break;
    }
  }

  async #failedToListen(told: NotListening): Promise<void> {
    const { gatewayPort } = this.#options.settings();
    const attempt = this.#attempt;
    const isTaken = told.code === 'EADDRINUSE';
    const holder = isTaken ? await this.#options.holderOf(gatewayPort) : undefined;
    // It may have been tried again meanwhile.
    if (attempt !== this.#attempt) return;
    this.#setStatus(notListening(told, gatewayPort, holder));
    this.#settleTries();
  }

  /** Shuts the profile's door until {@link #open}. @returns requests under way of the profile. */
  #shut(profileId: string): Promise<number> {
    this.#holders.set(profileId, (this.#holders.get(profileId) ?? 0) + 1);
    return this.#ask(profileId);
  }

  #open(profileId: string): void {
    const others = (this.#holders.get(profileId) ?? 1) - 1;
    if (others > 0) {
      this.#holders.set(profileId, others);
      return;
    }
    this.#holders.delete(profileId);
    this.#thread?.send({ type: 'open', profileId });
  }

  /** Shuts the door, where it is open, and counts. No thread has no requests. */
  #ask(profileId: string): Promise<number> {
    const thread = this.#thread;
    if (!thread) return Promise.resolve(0);
    const known = this.#shutting.get(profileId);
    if (known) return known.promise;
    const shutting = Promise.withResolvers<number>();
    this.#shutting.set(profileId, shutting);
    thread.send({ type: 'shut', profileId });
    return shutting.promise;
  }

  #settleTries(): void {
    for (const tried of this.#tries.splice(0)) tried.resolve();
  }

  #settleShut(): void {
    for (const shutting of this.#shutting.values()) shutting.resolve(0);
    this.#shutting.clear();
  }

  #directoryChanged(): void {
    if (this.#isDirty) return;
    this.#isDirty = true;
    queueMicrotask(() => this.#sendDirectory());
  }

  #sendDirectory(): void {
    if (!this.#isDirty || !this.#thread) return;
    this.#isDirty = false;
    this.#version += 1;
    const directory = {
      version: this.#version,
      targets: this.#options.targets(),
      doors: this.#options.doors(this.#status.port),
    };
    const message: ToDataPlane = { type: 'directory', directory };
    this.#thread.send(message);
  }

  #setStatus(status: GatewayStatus): void {
    if (JSON.stringify(status) === JSON.stringify(this.#status)) return;
    this.#status = status;
    this.#options.publish(status);
  }
}
